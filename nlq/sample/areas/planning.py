"""Finance for the whole company: cost of goods, expenses, budgets, exchange rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nlq.sample.calendar import DAYS, Floats, Ints, day_number, days, next_month, stream
from nlq.sample.happenings import BIG_CHURN
from nlq.sample.ledger import MONTHS, NUMBERS, PLATFORM, SUPPORT, Totals
from nlq.sample.reference import CURRENCIES, PRODUCTS, REGIONS, USAGE_PRODUCTS
from nlq.sample.writer import LakeWriter, coded

_FULL: Final = sum(not month.is_open for month in MONTHS)
_PLANNED: Final = 36
_CARRIER, _CLOUD, _STAFF = range(3)


def exchange_rates(seed: int) -> Floats:
    """Dollars for a unit of each currency (columns) on each day (rows), as a random walk."""
    rng = stream(seed, "exchange rates")
    start = np.array([1.0, 1.09, 1.265, 0.199, 0.01203, 0.672])
    spread = np.array([0.0, 0.0036, 0.0039, 0.0068, 0.0022, 0.0048])
    drift = np.array([0.0, 0.00004, 0.00003, -0.00012, -0.00005, -0.00002])
    steps = drift + spread * rng.standard_normal((DAYS, len(CURRENCIES)))
    weekend = (np.arange(DAYS) - 5) % 7 < 2
    steps[weekend] = 0.0
    return np.asarray(np.round(start * np.exp(np.cumsum(steps, axis=0)), 6), np.float64)


def write_planning(out: LakeWriter, seed: int, totals: Totals, rates: Floats) -> None:
    """Write the tables of finance that are not by account."""
    day = np.repeat(np.arange(DAYS), len(CURRENCIES))
    currency = np.tile(np.arange(len(CURRENCIES)), DAYS)
    out.write(
        "finance.exchange_rates",
        {
            "rate_date": days(day),
            "ccy": coded(CURRENCIES, currency),
            "usd_per_unit": rates.reshape(-1),
        },
        0,
    )
    _write_costs(out, totals)
    _write_expenses(out, seed, totals)
    _write_budgets(out, seed, totals)


def _write_costs(out: LakeWriter, totals: Totals) -> None:
    cost = np.zeros((*totals.revenue.shape, 3), np.int64)
    cost[..., _CARRIER] = totals.cost
    cloud = np.zeros(len(PRODUCTS))
    cloud[: len(USAGE_PRODUCTS)] = 0.055
    cloud[PLATFORM], cloud[NUMBERS] = 0.16, 0.02
    cost[..., _CLOUD] = np.rint(totals.revenue * cloud[:, None])
    cost[..., SUPPORT, :, _STAFF] = np.rint(totals.revenue[:, SUPPORT, :] * 0.58)
    month, product, region, kind = np.nonzero(cost)
    out.write(
        "finance.cost_of_goods",
        {
            "cost_month": days(np.array([m.start for m in MONTHS])[month]),
            "prd_cd": coded(PRODUCTS, product),
            "region": coded(REGIONS, region),
            "cost_type": coded(["CAR", "INF", "SUP"], kind),
            "amt_usd_c": cost[month, product, region, kind],
        },
        0,
    )


def _write_expenses(out: LakeWriter, seed: int, totals: Totals) -> None:
    rng = stream(seed, "expenses")
    shares = np.array([[0.15, 0.025, 0.008], [0.11, 0.012, 0.02], [0.035, 0.012, 0.05],
                       [0.04, 0.008, 0.004], [0.05, 0.01, 0.022]])  # fmt: skip
    sales = totals.revenue[:_FULL].sum(axis=(1, 2)) / 100
    trend = sales[:6].mean() * (sales[-6:].mean() / sales[:6].mean()) ** (np.arange(_FULL) / _FULL)
    amount = trend[:, None, None] * shares * rng.uniform(0.96, 1.05, (_FULL, 5, 3))
    month, department, kind = (a.reshape(-1) for a in np.indices(amount.shape))
    out.write(
        "finance.operating_expenses",
        {
            "exp_month": days(np.array([m.start for m in MONTHS])[month]),
            "dept_cd": coded(["ENG", "SAL", "MKT", "SUP", "GNA"], department),
            "exp_type": coded(["PPL", "SFT", "OTH"], kind),
            "amt_usd": _dollars(amount.reshape(-1)),
        },
        0,
    )


def _write_budgets(out: LakeWriter, seed: int, totals: Totals) -> None:
    """V1 of each year and the forecast for 2026; the budget of 2026 did not see BIG_CHURN."""
    rng = stream(seed, "budgets")
    actual = totals.revenue[:_FULL] / 100
    planned = np.zeros((_PLANNED, *actual.shape[1:]))
    planned[:_FULL] = actual
    growth = actual[24:_FULL].sum(axis=0) / np.maximum(actual[12 : _FULL - 12].sum(axis=0), 1)
    planned[_FULL:] = actual[_FULL - 12 : 24] * growth.clip(0.8, 1.8)
    forecast = planned[24:] * rng.uniform(0.97, 1.03, planned[24:].shape)
    gone = next(m.index for m in MONTHS if m.start > day_number(BIG_CHURN))
    before = actual[gone - 2 : gone].mean(axis=0) - actual[gone : gone + 2].mean(axis=0)
    missing = np.zeros_like(before)
    for product in ("SMS", "VER"):
        at = PRODUCTS.index(product), REGIONS.index("AMER")
        missing[at] = max(before[at], 0.0)
    budget = planned * rng.uniform(0.94, 1.05, (_PLANNED, 1, 1))
    budget *= rng.uniform(0.95, 1.05, (1, *planned.shape[1:]))
    budget[gone:] += missing
    starts = [_month(index) for index in range(_PLANNED)]
    parts = [(budget, 0, 0), (forecast, 24, 1)]
    month = np.concatenate([np.indices(a.shape)[0].reshape(-1) + at for a, at, _ in parts])
    product_at = np.concatenate([np.indices(a.shape)[1].reshape(-1) for a, _, _ in parts])
    region = np.concatenate([np.indices(a.shape)[2].reshape(-1) for a, _, _ in parts])
    version = np.repeat([0, 1], [budget.size, forecast.size])
    rounded = np.round(np.concatenate([a.reshape(-1) for a, _, _ in parts]), -2)
    out.write(
        "finance.budgets",
        {
            "budget_month": days(np.array(starts)[month]),
            "prd_cd": coded(PRODUCTS, product_at),
            "region": coded(REGIONS, region),
            "version": coded(["V1", "RF"], version),
            "amt_usd": _dollars(rounded),
        },
        0,
    )


def _month(index: int) -> int:
    first = date(2024, 1, 1)
    for _ in range(index):
        first = next_month(first)
    return day_number(first)


def _dollars(amounts: npt.NDArray[Any]) -> Any:
    cents: Ints = np.rint(amounts * 100).astype(np.int64)
    return pa.array([Decimal(c).scaleb(-2) for c in cents.tolist()], pa.decimal128(14, 2))
