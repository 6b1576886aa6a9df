"""What does not depend on the seed: countries, carriers, products, plans, prices, names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from nlq.sample.happenings import CARRIER_INCIDENT_NAME, VOICE_PRICE_RISE, WHATSAPP_LAUNCH

REGIONS: Final = ("AMER", "LATAM", "EMEA", "APAC")
SEGMENTS: Final = ("ENT", "MM", "SMB", "SS")
INDUSTRIES: Final = ("RET", "FIN", "HLT", "LOG", "TEC", "TRV", "EDU", "GOV", "MED")
PLANS: Final = ("PAYG", "GROW", "BIZ", "ENTP")
CURRENCIES: Final = ("USD", "EUR", "GBP", "BRL", "INR", "AUD")
USAGE_PRODUCTS: Final = ("SMS", "WA", "VOI", "VER", "EML")
PRODUCTS: Final = (*USAGE_PRODUCTS, "NUM", "PLT", "SUP")


@dataclass(frozen=True, slots=True)
class Country:
    """A country. ``offset_min`` is its winter time's distance from UTC in minutes.

    ``weight`` is its share of accounts, ``cost`` what a carrier there charges against the mean.
    """

    code: str
    name: str
    region: str
    dial_code: str
    time_zone: str
    offset_min: int
    ccy: str
    weight: float
    cost: float


COUNTRIES: Final = (
    Country("US", "United States", "AMER", "1", "America/New_York", -300, "USD", 34, 0.80),
    Country("CA", "Canada", "AMER", "1", "America/Toronto", -300, "USD", 5, 0.85),
    Country("MX", "Mexico", "LATAM", "52", "America/Mexico_City", -360, "USD", 3, 1.15),
    Country("BR", "Brazil", "LATAM", "55", "America/Sao_Paulo", -180, "BRL", 6, 1.20),
    Country("AR", "Argentina", "LATAM", "54", "America/Buenos_Aires", -180, "USD", 2, 1.25),
    Country("CO", "Colombia", "LATAM", "57", "America/Bogota", -300, "USD", 2, 1.10),
    Country("CL", "Chile", "LATAM", "56", "America/Santiago", -240, "USD", 1, 1.15),
    Country("GB", "United Kingdom", "EMEA", "44", "Europe/London", 0, "GBP", 8, 0.95),
    Country("DE", "Germany", "EMEA", "49", "Europe/Berlin", 60, "EUR", 7, 1.10),
    Country("FR", "France", "EMEA", "33", "Europe/Paris", 60, "EUR", 4, 1.05),
    Country("ES", "Spain", "EMEA", "34", "Europe/Madrid", 60, "EUR", 3, 1.00),
    Country("IT", "Italy", "EMEA", "39", "Europe/Rome", 60, "EUR", 2, 1.05),
    Country("NL", "Netherlands", "EMEA", "31", "Europe/Amsterdam", 60, "EUR", 2, 1.05),
    Country("SE", "Sweden", "EMEA", "46", "Europe/Stockholm", 60, "EUR", 1, 0.95),
    Country("PL", "Poland", "EMEA", "48", "Europe/Warsaw", 60, "EUR", 1, 0.90),
    Country("IE", "Ireland", "EMEA", "353", "Europe/Dublin", 0, "EUR", 1, 1.00),
    Country("CH", "Switzerland", "EMEA", "41", "Europe/Zurich", 60, "EUR", 1, 1.10),
    Country("ZA", "South Africa", "EMEA", "27", "Africa/Johannesburg", 120, "USD", 1, 1.20),
    Country("AE", "United Arab Emirates", "EMEA", "971", "Asia/Dubai", 240, "USD", 1, 1.35),
    Country("IN", "India", "APAC", "91", "Asia/Kolkata", 330, "INR", 5, 0.75),
    Country("JP", "Japan", "APAC", "81", "Asia/Tokyo", 540, "USD", 2, 1.30),
    Country("AU", "Australia", "APAC", "61", "Australia/Sydney", 600, "AUD", 3, 1.05),
    Country("SG", "Singapore", "APAC", "65", "Asia/Singapore", 480, "USD", 1, 1.10),
    Country("ID", "Indonesia", "APAC", "62", "Asia/Jakarta", 420, "USD", 1, 1.45),
    Country("PH", "Philippines", "APAC", "63", "Asia/Manila", 480, "USD", 1, 1.25),
    Country("KR", "South Korea", "APAC", "82", "Asia/Seoul", 540, "USD", 0.8, 1.10),
    Country("NZ", "New Zealand", "APAC", "64", "Pacific/Auckland", 720, "AUD", 0.6, 1.05),
    Country("MY", "Malaysia", "APAC", "60", "Asia/Kuala_Lumpur", 480, "USD", 0.6, 1.15),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Product:
    """A product. ``cost`` is the mean carrier cost of a unit in millionths of a dollar."""

    code: str
    name: str
    family: str
    unit: str
    launched_on: date
    price: int = 0
    cost: int = 0


PRODUCT_LIST: Final = (
    Product("SMS", "SMS", "Messaging", "message", date(2016, 3, 1), 9_000, 4_100),
    Product("WA", "WhatsApp", "Messaging", "message", WHATSAPP_LAUNCH, 7_000, 3_000),
    Product("VOI", "Voice", "Voice", "minute", date(2017, 6, 1), 15_000, 7_600),
    Product("VER", "Verification", "Identity", "verification", date(2019, 2, 1), 55_000, 17_000),
    Product("EML", "Email", "Email", "email", date(2020, 5, 1), 900, 190),
    Product("NUM", "Phone numbers", "Platform", "number month", date(2016, 3, 1)),
    Product("PLT", "Platform subscription", "Platform", "month", date(2018, 1, 1)),
    Product("SUP", "Support plan", "Platform", "month", date(2018, 1, 1)),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan. Fees are US cents a month; ``factor`` is its price against pay as you go."""

    code: str
    name: str
    platform_fee: int
    support_fee: int
    sla_pct: str
    factor: float


PLAN_LIST: Final = (
    Plan("PAYG", "Pay as you go", 0, 0, "99.00", 1.0),
    Plan("GROW", "Growth", 4_900, 2_000, "99.50", 0.95),
    Plan("BIZ", "Business", 49_900, 25_000, "99.90", 0.90),
    Plan("ENTP", "Enterprise", 350_000, 150_000, "99.95", 0.82),
)

VOICE_RISE: Final = 1.12


@dataclass(frozen=True, slots=True)
class Price:
    """A list price in millionths of a dollar for a unit, from its first day to its last."""

    product: str
    plan: str
    valid_from: date
    valid_to: date | None
    micros: int


def price_list() -> tuple[Price, ...]:
    """Every list price that held within the history."""
    found: list[Price] = []
    for product in PRODUCT_LIST[: len(USAGE_PRODUCTS)]:
        for plan in PLAN_LIST:
            base = round(product.price * plan.factor)
            start = max(product.launched_on, date(2023, 1, 1))
            if product.code == "VOI":
                last = date.fromordinal(VOICE_PRICE_RISE.toordinal() - 1)
                found.append(Price(product.code, plan.code, start, last, base))
                start, base = VOICE_PRICE_RISE, round(base * VOICE_RISE)
            found.append(Price(product.code, plan.code, start, None, base))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier; ``country`` is an index into ``COUNTRIES``, ``share`` its part of the traffic."""

    number: int
    name: str
    country: int
    route: str
    share: float
    loss: float


_STEMS: Final = (
    "Velora", "Tellaris", "Quanta", "Mobira", "Axelo", "Brivio", "Cordalis", "Denova", "Elmira",
    "Fonexa", "Gavella", "Havena", "Intello", "Jovita", "Kelvara", "Lumina", "Meridia", "Norvik",
    "Ostara", "Pelago", "Quorra", "Rivona", "Solenta", "Tavira", "Umbra", "Vexa", "Wavelo",
    "Xenora", "Yarrow", "Zentra", "Arbora", "Borealis", "Calista",
)  # fmt: skip
_KINDS: Final = ("Mobile", "Telecom", "Wireless")


def carriers() -> tuple[Carrier, ...]:
    """Three carriers in the larger countries, two in the others."""
    found: list[Carrier] = []
    for index, country in enumerate(COUNTRIES):
        shares = (0.48, 0.32, 0.20) if country.weight >= 2 else (0.6, 0.4)
        for rank, share in enumerate(shares):
            number = len(found) + 1
            name = f"{_STEMS[number % len(_STEMS)]} {_KINDS[number // len(_STEMS)]}"
            if country.code == "BR" and rank == 0:
                name = CARRIER_INCIDENT_NAME
            loss = 0.018 + 0.011 * rank + 0.012 * (country.cost - 0.75)
            route = "AGG" if rank == len(shares) - 1 else "DIR"
            found.append(Carrier(number, name, index, route, share, loss))
    return tuple(found)


ERROR_CODES: Final = (
    (30001, "Queue overflow", "platform"),
    (30003, "Handset unreachable", "carrier"),
    (30005, "Unknown number", "content"),
    (30007, "Filtered as spam by the carrier", "content"),
    (30008, "Carrier gave no reason", "carrier"),
    (30022, "Rate limit of the carrier", "carrier"),
    (30500, "Platform error", "platform"),
)
