"""The real events that the sample lake's history holds, so that answers are worth reading.

Each shows in the data and is tested there. Ranges of days include both ends.
"""

from __future__ import annotations

from datetime import date
from typing import Final

SMS_OUTAGE: Final = (date(2025, 11, 12), date(2025, 11, 13))
"""SMS to EMEA: a deployment of ours failed two fifths of the messages for two days."""

SMS_OUTAGE_REGION: Final = "EMEA"

VOICE_PRICE_RISE: Final = date(2025, 10, 1)
"""The list price of voice rose by 12 %; a few minutes went away with it."""

CARRIER_INCIDENT: Final = (date(2026, 3, 3), date(2026, 3, 9))
"""One Brazilian carrier lost about a third of the messages for a week."""

CARRIER_INCIDENT_NAME: Final = "Telsur Movil"

FRAUD_WAVE: Final = (date(2025, 5, 10), date(2025, 5, 20))
"""Verifications to Indonesia: several times the usual, most of it blocked as fraud."""

FRAUD_WAVE_COUNTRY: Final = "ID"

WHATSAPP_LAUNCH: Final = date(2024, 9, 1)
"""First day of WhatsApp."""

BIG_CUSTOMER: Final = "Halden Retail Group"
"""The largest customer, about 6 % of revenue ..."""

BIG_CUSTOMER_ID: Final = 1007

BIG_CHURN: Final = date(2026, 2, 28)
"""... leaves for a competitor on this day."""

RISING_CUSTOMER: Final = "Orbita Rides"
"""A Brazilian customer that joins in 2025 and grows quickly."""

RISING_CUSTOMER_ID: Final = 1012

RISING_SINCE: Final = date(2025, 2, 3)

ASSISTANT_OPENED: Final = date(2026, 5, 25)
"""First day on which people of the company could ask the assistant: the query log begins."""

HEAVY_READER: Final = "noor.haddad"
"""An analyst whose questions read most of the traffic tables ..."""

HEAVY_WEEK: Final = (date(2026, 7, 6), date(2026, 7, 12))
"""... in this week: the most expensive queries of the log."""
