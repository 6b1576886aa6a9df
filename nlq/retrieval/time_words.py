"""Time words: a question and the clock go in, date ranges, a step and a comparison leave.

Dates are resolved here, by rules, and never by a model. Every reading that a person might have
meant otherwise is told as a note.
"""

from __future__ import annotations

from datetime import date, timedelta

from nlq.retrieval.dates.calendar import label, spoken, step
from nlq.retrieval.dates.comparisons import GROWTH, compare, explicit_comparison
from nlq.retrieval.dates.steps import ALL_TIME, OVER_TIME, explicit_grain, fitting_grain, step_of
from nlq.retrieval.dates.stretches import LONG_AGO, Stretch, stretches
from nlq.types import Clock, DateRange, TimeReading


def read_time(text: str, clock: Clock) -> TimeReading:
    """What the text says about time.

    ``comparison`` is set where the wording asks for one, ``grain`` where it asks for steps ("by
    month", "trend"), or where a comparison spans several quarters or months ("Q1 to Q2, year over
    year").
    """
    blanked, comparison, grain = explicit_comparison(text)
    grain = explicit_grain(blanked) or grain
    found, compared, notes = compare(blanked, stretches(blanked, clock), clock)
    comparison = comparison or compared
    if comparison is None and GROWTH.search(blanked):
        comparison = "previous_period" if grain else "previous_year"
        against = "the period before" if grain else "the same period a year earlier"
        notes = (*notes, f"Growth is measured against {against}.")
    if grain is None and OVER_TIME.search(blanked):
        grain = fitting_grain(found)
    if grain is None and comparison and len(found) == 1 and found[0].joined:
        grain = step_of(found[0].unit)
    if ALL_TIME.search(blanked) and not found:
        notes = (*notes, "All of the history counts.")
    ranges = tuple(_range(text, stretch, clock) for stretch in found)
    for stretch, resolved in zip(found, ranges, strict=True):
        notes = (*notes, *_notes(stretch, resolved, clock))
    return TimeReading(ranges, grain, comparison, tuple(dict.fromkeys(notes)))


def _range(text: str, stretch: Stretch, clock: Clock) -> DateRange:
    phrase = text[stretch.first : stretch.last].strip()
    fiscal = stretch.period.fiscal
    if stretch.start == LONG_AGO:
        name = f"up to {spoken(stretch.end - timedelta(days=1))}"
    elif stretch.joined and stretch.unit in ("quarter", "half") and stretch.named:
        one = label(stretch.start, step(stretch.start, stretch.unit), stretch.unit, clock,
                    fiscal=fiscal)  # fmt: skip
        last = step(stretch.end, stretch.unit, -1)
        two = label(last, stretch.end, stretch.unit, clock, fiscal=fiscal)
        name = one if one == two else f"{one} to {two}"
    else:
        unit = stretch.unit if not stretch.joined else None
        name = label(stretch.start, stretch.end, unit, clock, fiscal=fiscal)
    return DateRange(phrase, stretch.start, stretch.end, name)


def _notes(stretch: Stretch, found: DateRange, clock: Clock) -> list[str]:
    """What was assumed on the way from the phrase to the dates."""
    period = stretch.period
    notes = [note for note in (stretch.note, period.note) if note]
    guessed = (period.year is None and not period.relative) or (
        period.relative and period.whole and period.unit not in ("day",)
    )
    if guessed and not period.note and not stretch.note and stretch.named:
        notes.append(f"'{found.phrase}' is read as {found.label}.")
    if period.fiscal and clock.fiscal_start_month != 1:
        first = date(clock.today.year, clock.fiscal_start_month, 1)
        notes.append(
            f"Fiscal periods: the fiscal year starts on {spoken(first, year=False)} "
            "and is named by the year in which it ends."
        )
    tomorrow = clock.today + timedelta(days=1)
    if stretch.named and stretch.start <= clock.today < tomorrow < stretch.end:
        through = spoken(clock.today - timedelta(days=1), year=False)
        notes.append(f"{found.label} is not over: data through {through}.")
    elif stretch.named and stretch.end == tomorrow:
        notes.append("Today is not over.")
    return notes
