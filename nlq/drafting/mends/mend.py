"""Slips of a model's draft that the catalog can mend: SQL enters, SQL with a note of each leaves.

A column taken from the wrong one of its tables, joins that have nothing to do with each other, a
misspelt name, a value in the wrong case, cents shown as they are kept: where the catalog leaves one
reading only, that is written, without another call of the model. What it cannot read it leaves
alone; the guard decides on all of it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp, parse_one

from nlq.catalog.catalog import Catalog
from nlq.drafting.mends.both import mend_both
from nlq.drafting.mends.conditions import mend_conditions
from nlq.drafting.mends.counted import mend_counted, mend_how_often
from nlq.drafting.mends.draft import Mending
from nlq.drafting.mends.durations import mend_durations
from nlq.drafting.mends.everyone import mend_everyone
from nlq.drafting.mends.grains import mend_grains
from nlq.drafting.mends.idle import mend_idle
from nlq.drafting.mends.intervals import mend_intervals
from nlq.drafting.mends.joins import mend_joins
from nlq.drafting.mends.measures import mend_measures
from nlq.drafting.mends.named_keys import mend_named_keys
from nlq.drafting.mends.names import mend_columns, mend_shared, mend_tables
from nlq.drafting.mends.optional import mend_optional
from nlq.drafting.mends.order import mend_order
from nlq.drafting.mends.periods import mend_periods
from nlq.drafting.mends.ratios import mend_decimals, mend_ratios
from nlq.drafting.mends.repeats import mend_repeats
from nlq.drafting.mends.selves import mend_selves
from nlq.drafting.mends.shares import mend_ratio_of, mend_shares, plain_counts
from nlq.drafting.mends.shown import mend_shown
from nlq.drafting.mends.spans import mend_calls, mend_spans
from nlq.drafting.mends.splits import mend_splits
from nlq.drafting.mends.states import mend_states
from nlq.drafting.mends.strangers import mend_strangers
from nlq.drafting.mends.text_dates import mend_text_dates
from nlq.drafting.mends.tops import mend_tops
from nlq.drafting.mends.twins import mend_twins
from nlq.drafting.mends.units import mend_units
from nlq.drafting.mends.unsound import mend_unsound
from nlq.drafting.mends.values import mend_values
from nlq.drafting.mends.weekends import mend_weekends
from nlq.drafting.mends.whole_ratios import mend_whole_ratios
from nlq.drafting.mends.windows import mend_changes, mend_running, mend_windows
from nlq.drafting.mends.years import mend_years
from nlq.sql.dialect import BREAKS, LAKE, forget_places
from nlq.types import DateRange

Mend = Callable[[exp.Expr, Mending], None]

MENDS: Final[tuple[Mend, ...]] = (
    plain_counts,
    mend_calls,
    mend_tables,
    mend_strangers,
    mend_columns,
    mend_joins,
    mend_shared,
    mend_named_keys,
    mend_idle,
    mend_selves,
    mend_intervals,
    mend_unsound,
    mend_years,
    mend_text_dates,
    mend_spans,
    mend_periods,
    mend_values,
    mend_twins,
    mend_weekends,
    mend_conditions,
    mend_states,
    mend_both,
    mend_running,
    mend_windows,
    mend_changes,
    mend_grains,
    mend_splits,
    mend_how_often,
    mend_counted,
    mend_measures,
    mend_optional,
    mend_everyone,
    mend_shares,
    mend_ratio_of,
    mend_whole_ratios,
    mend_ratios,
    mend_decimals,
    mend_durations,
    mend_order,
    mend_shown,
    mend_tops,
    mend_repeats,
    mend_units,
)


def mend(
    sql: str,
    catalog: Catalog,
    asked: str = "",
    periods: tuple[DateRange, ...] = (),
    mends: tuple[Mend, ...] = MENDS,
) -> tuple[str, tuple[str, ...]]:
    """The draft with its slips mended, and what was changed; unchanged where nothing was.

    ``asked`` is the question with its notes, ``periods`` are those of it that are over; some mends
    look at them. A mend that sqlglot breaks on is left out: its tree is the guard's to turn down.
    """
    try:
        tree = parse_one(sql, read=LAKE)
    except (*BREAKS, RecursionError):
        return sql, ()
    forget_places(tree)  # it is copied
    notes: list[str] = []
    changed = tree.copy()
    for each in mends:
        mending = Mending(catalog, asked, periods)
        try:
            each(changed, mending)
            if mending.notes:
                changed.sql(dialect=LAKE)
        except BREAKS:
            changed = tree.copy()  # without what it left half done
            continue
        if mending.notes:
            # A mend that notes nothing has changed nothing, so that most drafts are copied once.
            tree = changed.copy()
            notes += [note for note in mending.notes if note not in notes]
    return (tree.sql(dialect=LAKE), tuple(notes)) if notes else (sql, ())
