"""Fills the sample lake: seed and scale go in, every table goes to the writer.

Memory is bounded by one block of accounts and one month of events, at any scale.
"""

from __future__ import annotations

from collections.abc import Callable

from nlq.sample.areas.accounts import write_accounts, write_numbers
from nlq.sample.areas.billing import write_credits, write_invoices, write_revenue
from nlq.sample.areas.customers import write_account_months, write_health
from nlq.sample.areas.email import write_emails
from nlq.sample.areas.identity import write_verifications
from nlq.sample.areas.lookups import write_lookups, write_quality, write_scratch, write_staff
from nlq.sample.areas.marketing import make_campaigns, write_leads, write_marketing
from nlq.sample.areas.messages import write_messages
from nlq.sample.areas.ops import write_ops
from nlq.sample.areas.planning import exchange_rates, write_planning
from nlq.sample.areas.queries import write_queries
from nlq.sample.areas.sales import write_reps, write_sales
from nlq.sample.areas.support import write_support
from nlq.sample.areas.usage import write_usage
from nlq.sample.areas.users import write_users
from nlq.sample.areas.voice import write_calls
from nlq.sample.ledger import MONTHS, Ledger, Totals
from nlq.sample.population import block_sizes, make_population
from nlq.sample.reference import carriers
from nlq.sample.writer import LakeWriter

OnProgress = Callable[[str, float], None]
"""Called with plain words and the share of the work that is done, 0 to 1."""


def build(out: LakeWriter, seed: int, scale: float, on_progress: OnProgress) -> None:
    """Write every table, one block of accounts after the other and month by month."""
    rates = exchange_rates(seed)
    campaigns = make_campaigns(seed)
    totals = Totals.empty(len(carriers()))
    sizes = block_sizes(scale)
    for block, size in enumerate(sizes):
        people = make_population(seed, scale, block, size)
        ledger = Ledger.empty(size)
        write_accounts(out, seed, people)
        write_users(out, seed, people)
        write_numbers(out, seed, people, ledger)
        ledger.add_fees(people)
        write_sales(out, seed, people)
        write_leads(out, seed, people, campaigns)
        write_scratch(out, seed, people)
        for step, month in enumerate(MONTHS):
            done = (block + step / len(MONTHS)) / len(sizes)
            on_progress(f"Writing {month.first:%B %Y}", done * 0.97)
            sms, whatsapp = write_messages(out, seed, people, month, totals.quality)
            calls = write_calls(out, seed, people, month)
            verified = write_verifications(out, seed, people, month)
            emails = write_emails(out, seed, people, month)
            usage = (sms, whatsapp, calls, verified, emails)
            write_usage(out, seed, people, month, usage, ledger)
        write_revenue(out, seed, people, ledger)
        late_invoices = write_invoices(out, seed, people, ledger, rates)
        write_credits(out, seed, people, ledger)
        write_account_months(out, people, ledger)
        open_tickets = write_support(out, seed, people)
        write_health(out, people, ledger, open_tickets, late_invoices)
        totals.add(people, ledger)
    on_progress("Writing the company's tables", 0.97)
    write_lookups(out)
    write_quality(out, totals)
    write_planning(out, seed, totals, rates)
    write_marketing(out, seed, campaigns, rates, scale)
    write_reps(out, seed)
    write_ops(out, seed)
    write_queries(out, seed)
    write_staff(out, seed)
