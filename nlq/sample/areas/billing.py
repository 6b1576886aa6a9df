"""Finance by account: revenue lines, invoices and their lines, payments, credits, old revenue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa

from nlq.sample.areas.accounts import row_ids
from nlq.sample.areas.ops import CARRIER_ID, OUTAGE_ID
from nlq.sample.calendar import DAYS, NEVER, Bools, Floats, Ints, day_number, days, moments, stream
from nlq.sample.happenings import CARRIER_INCIDENT, SMS_OUTAGE, SMS_OUTAGE_REGION
from nlq.sample.ledger import MONTHS, Ledger
from nlq.sample.population import Population
from nlq.sample.reference import CURRENCIES, PRODUCTS, REGIONS, USAGE_PRODUCTS, VOICE_RISE
from nlq.sample.writer import LakeWriter, coded

_STARTS: Final = np.array([month.start for month in MONTHS])
_ENDS: Final = np.array([month.start + month.length for month in MONTHS])
_OPEN: Final = np.array([month.is_open for month in MONTHS])
_TAX_BP: Final = np.array([0, 1700, 2000, 1000])
_CARD, _WIRE, _DEBIT = range(3)
_PAID, _NOT_DUE, _LATE, _VOID = range(4)


@dataclass(frozen=True, slots=True)
class _Lines:
    """Revenue lines in order of account, month and product, as indexes into the ledger."""

    account: Ints
    month: Ints
    product: Ints

    def of(self, array: Ints) -> Ints:
        """The ledger's entry for each line."""
        return array[self.account, self.month, self.product]


@dataclass(frozen=True, slots=True)
class _Paid:
    """Invoices as payments need them; ``paid`` is ``NEVER`` where it was not."""

    ids: Ints
    account: Ints
    issued: Ints
    paid: Ints
    method: Ints
    total: Ints


def write_revenue(out: LakeWriter, seed: int, people: Population, ledger: Ledger) -> None:
    """Write finance.revenue_lines, finance.revenue_old and staging.revenue_adj."""
    rng = stream(seed, "revenue", people.block)
    lines = _lines(ledger, ~people.is_test)
    order = np.lexsort((lines.product, lines.account, lines.month))
    lines = _Lines(lines.account[order], lines.month[order], lines.product[order])
    accrued = _OPEN[lines.month]
    size = len(lines.month)
    booked = np.where(accrued, DAYS, _ENDS[lines.month] + 4)
    out.write(
        "finance.revenue_lines",
        {
            "line_id": row_ids(people.block, size),
            "rev_month": days(_STARTS[lines.month]),
            "account_id": people.ids[lines.account],
            "prd_cd": coded(PRODUCTS, lines.product),
            "rev_type": coded(["U", "R"], lines.product >= len(USAGE_PRODUCTS)),
            "qty": lines.of(ledger.quantity),
            "amt_usd_c": lines.of(ledger.revenue),
            "status": coded(["P", "A"], accrued),
            "posted_at": moments(
                booked, np.where(accrued, 23_400, rng.integers(25_000, 30_000, size))
            ),
        },
        people.block,
    )
    old = _lines(ledger, np.ones(len(people), np.bool_))
    kept = _ENDS[old.month] < day_number(date(2026, 1, 1))
    old = _Lines(old.account[kept], old.month[kept], old.product[kept])
    voice = (old.product == USAGE_PRODUCTS.index("VOI")) & (
        _STARTS[old.month] >= day_number(date(2025, 10, 1))
    )
    dollars = old.of(ledger.revenue) / 100 / np.where(voice, VOICE_RISE, 1.0)
    out.write(
        "finance.revenue_old",
        {
            "month": days(_ENDS[old.month]),
            "cust_id": people.ids[old.account],
            "product": coded(PRODUCTS, old.product),
            "revenue": np.round(dollars, 2),
        },
        people.block,
    )
    some = np.flatnonzero(rng.random(size) < 0.004)
    change = rng.normal(0, 0.1, len(some)) * lines.of(ledger.revenue)[some]
    notes = ["late usage", "price agreed by phone", "duplicate line?", "waiting for deal desk"]
    out.write(
        "staging.revenue_adj",
        {
            "rev_month": days(_STARTS[lines.month[some]]),
            "account_id": people.ids[lines.account[some]],
            "adj_usd_c": np.rint(change).astype(np.int64),
            "note": coded(notes, rng.integers(0, len(notes), len(some))),
        },
        people.block,
    )


def write_invoices(
    out: LakeWriter, seed: int, people: Population, ledger: Ledger, rates: Floats
) -> Ints:
    """Write invoices, their lines and payments; gives each account's number of late invoices.

    ``rates`` has dollars for a unit of each currency, by day.
    """
    rng = stream(seed, "invoices", people.block)
    lines = _lines(ledger, ~people.is_test)
    kept = ~_OPEN[lines.month]
    lines = _Lines(lines.account[kept], lines.month[kept], lines.product[kept])
    new = np.ones(len(lines.month), np.bool_)
    same = (lines.account[1:] == lines.account[:-1]) & (lines.month[1:] == lines.month[:-1])
    new[1:] = ~same
    first = np.flatnonzero(new)
    invoice = np.cumsum(new) - 1
    who, month = lines.account[first], lines.month[first]
    issued = _ENDS[month] + 1
    rate = rates[issued, people.ccy[who]]
    cents = lines.of(ledger.revenue)
    local = np.rint(cents / rate[invoice]).astype(np.int64)
    net = np.add.reduceat(local, first) if len(first) else local
    net_usd = np.add.reduceat(cents, first) if len(first) else cents
    tax = (net * _TAX_BP[people.region[who]] + 5_000) // 10_000
    method = np.array([_CARD, _CARD, _DEBIT, _WIRE])[people.plan[who]]
    due = issued + people.terms[who]
    paid = _paid_on(rng, issued, due, method)
    void = rng.random(len(who)) < 0.004
    paid = np.where(void, NEVER, paid)
    status = np.where(paid < DAYS, _PAID, np.where(due >= DAYS, _NOT_DUE, _LATE))
    status = np.where(void, _VOID, status)
    paid = np.where(status == _PAID, paid, NEVER)
    ids = row_ids(people.block, len(who))
    out.write(
        "finance.invoices",
        {
            "invoice_id": ids,
            "account_id": people.ids[who],
            "period_month": days(_STARTS[month]),
            "invoice_date": days(issued),
            "due_date": days(due),
            "paid_date": days(paid),
            "ccy": coded(CURRENCIES, people.ccy[who]),
            "net_c": net,
            "tax_c": tax,
            "total_c": net + tax,
            "net_usd_c": net_usd,
            "status": coded(["PAID", "OPEN", "LATE", "VOID"], status),
        },
        people.block,
    )
    out.write(
        "finance.invoice_lines",
        {
            "invoice_id": ids[invoice],
            "line_no": np.arange(len(invoice)) - first[invoice] + 1,
            "period_month": days(_STARTS[lines.month]),
            "prd_cd": coded(PRODUCTS, lines.product),
            "rev_type": coded(["U", "R"], lines.product >= len(USAGE_PRODUCTS)),
            "qty": lines.of(ledger.quantity),
            "amt_c": local,
            "amt_usd_c": cents,
        },
        people.block,
    )
    _write_payments(out, rng, people, _Paid(ids, who, issued, paid, method, net + tax))
    late = who[status == _LATE]
    return np.bincount(late, minlength=len(people)).astype(np.int64)


def _write_payments(
    out: LakeWriter, rng: np.random.Generator, people: Population, invoices: _Paid
) -> None:
    """Write finance.payments: one that was received for each paid invoice, some tried in vain."""
    done = np.flatnonzero(invoices.paid < NEVER)
    failed = done[(rng.random(len(done)) < 0.035) & (invoices.method[done] != _WIRE)]
    of = np.concatenate([done, failed])
    in_vain = np.repeat([0, 1], [len(done), len(failed)])
    before = np.maximum(invoices.paid[of] - 1, invoices.issued[of])
    when = np.where(in_vain == 1, before, invoices.paid[of])
    second = np.where(in_vain == 1, 3_600, rng.integers(20_000, 80_000, len(of)))
    order = np.lexsort((second, when))
    of, in_vain, when, second = of[order], in_vain[order], when[order], second[order]
    out.write(
        "finance.payments",
        {
            "payment_id": row_ids(people.block, len(of)),
            "invoice_id": invoices.ids[of],
            "account_id": people.ids[invoices.account[of]],
            "paid_at": moments(when, second),
            "method_cd": coded(["CC", "WIRE", "DD"], invoices.method[of]),
            "ccy": coded(CURRENCIES, people.ccy[invoices.account[of]]),
            "amt_c": invoices.total[of],
            "status": coded(["OK", "FAIL"], in_vain),
        },
        people.block,
    )


def write_credits(out: LakeWriter, seed: int, people: Population, ledger: Ledger) -> None:
    """Write finance.credits: for the outage, for the carrier incident, and now and then."""
    rng = stream(seed, "credits", people.block)
    parts = [
        _for_incident(rng, people, ledger, SMS_OUTAGE, SMS_OUTAGE_REGION, OUTAGE_ID, 0.06),
        _for_incident(rng, people, ledger, CARRIER_INCIDENT, "LATAM", CARRIER_ID, 0.03),
    ]
    whole = ledger.revenue.sum(axis=2) * ~people.is_test[:, None]
    who, month = np.nonzero((whole > 5_000) & (rng.random(whole.shape) < 0.018) & ~_OPEN)
    share = rng.uniform(0.01, 0.08, len(who))
    reason = np.where(rng.random(len(who)) < 0.55, 1, 2)
    when = _ENDS[month] + rng.integers(3, 11, len(who))
    parts.append(np.stack([who, when, reason, 0 * who, whole[who, month] * share], axis=1))
    rows = np.concatenate(parts)
    rows = rows[np.argsort(rows[:, 1], kind="stable")]
    incident = rows[:, 3].astype(np.int64)
    out.write(
        "finance.credits",
        {
            "credit_id": row_ids(people.block, len(rows)),
            "account_id": people.ids[rows[:, 0].astype(np.int64)],
            "credit_date": days(rows[:, 1]),
            "reason_cd": coded(["SLA", "ERR", "GWL"], rows[:, 2].astype(np.int64)),
            "incident_id": pa.array(incident, mask=incident == 0),
            "amt_usd_c": np.maximum(np.rint(rows[:, 4]), 1).astype(np.int64),
        },
        people.block,
    )


def _for_incident(
    rng: np.random.Generator,
    people: Population,
    ledger: Ledger,
    span: tuple[date, date],
    region: str,
    incident: int,
    share: float,
) -> Floats:
    month = next(m for m in MONTHS if m.start <= day_number(span[1]) < m.end)
    sms = ledger.revenue[:, month.index, USAGE_PRODUCTS.index("SMS")]
    hit = (people.region == REGIONS.index(region)) & (sms > 2_000) & ~people.is_test
    who = np.flatnonzero(hit & (rng.random(len(people)) < 0.8))
    when = day_number(span[1]) + rng.integers(9, 22, len(who))
    amount = sms[who] * share * rng.uniform(0.7, 1.3, len(who))
    return np.stack([who, when, 0 * who, np.full(len(who), incident), amount], axis=1)


def _lines(ledger: Ledger, kept: Bools) -> _Lines:
    account, month, product = np.nonzero((ledger.revenue > 0) & kept[:, None, None])
    return _Lines(account, month, product)


def _paid_on(rng: np.random.Generator, issued: Ints, due: Ints, method: Ints) -> Ints:
    size = len(issued)
    card = issued + rng.integers(0, 3, size)
    debit = issued + rng.integers(5, 13, size)
    wire = np.maximum(issued + 3, due + np.rint(rng.normal(-1, 9, size)).astype(np.int64))
    paid = np.choose(method, [card, wire, debit])
    return np.where(rng.random(size) < 0.012, NEVER, paid).astype(np.int64)
