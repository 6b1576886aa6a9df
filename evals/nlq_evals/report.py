"""Report: a run's outcomes in, Markdown out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from nlq_evals.log import RunInfo
from nlq_evals.outcome import Outcome
from nlq_evals.scorers import (
    accuracy,
    cost,
    decisions,
    guarding,
    money,
    recall,
    replay,
    stability,
    validity,
)
from nlq_evals.scorers.accuracy import Share
from nlq_evals.scorers.cost import Spread
from nlq_evals.scorers.decisions import Decision
from nlq_evals.scorers.money import Prices
from nlq_evals.scorers.recall import What, Where


def render(info: RunInfo, outcomes: Sequence[Outcome], prices: Prices | None = None) -> str:
    """The whole report; the cost in money only where there are prices."""
    sections = (
        _head(info, outcomes),
        _accuracy(outcomes),
        _decisions(outcomes),
        *([_stability(outcomes)] if stability.groups(outcomes) else ()),
        _sql(outcomes),
        *([_recall(outcomes)] if any(outcome.needed for outcome in outcomes) else ()),
        *([_guard(outcomes)] if guarding.by_rule(outcomes) else ()),
        _time(outcomes, prices),
        _misses(outcomes),
    )
    return "\n".join("\n".join(section) + "\n" for section in sections)


def _head(info: RunInfo, outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield f"# Suite {info.suite}"
    yield ""
    yield f"- system: {info.system}"
    yield f"- model: {info.model}"
    yield f"- machine: {info.machine}"
    yield f"- day: {info.day}"
    yield f"- cases: {len(outcomes)}"
    if replayed := replay.told(outcomes):
        yield f"- **replayed: {replayed}** of the model, whose times are those of the first asking"
    yield f"- **execution accuracy: {_share(accuracy.execution_accuracy(outcomes))}**"
    yield f"- all cases, refusals and questions back included: {_share(accuracy.overall(outcomes))}"
    faults = [outcome for outcome in outcomes if outcome.suite_fault]
    for outcome in faults:
        yield f"- **fault of the suite**: {outcome.suite_fault}"


def _accuracy(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield "## Accuracy by category"
    yield ""
    rows = ((name, _share(found)) for name, found in accuracy.by_category(outcomes).items())
    yield from _table(("category", "right, 95 % interval"), rows)


def _decisions(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield "## Refusals and questions back"
    yield ""
    pairs = (
        ("refusal", decisions.refusals(outcomes)),
        ("question back", decisions.clarifications(outcomes)),
    )
    rows = ((name, *_decision(found)) for name, found in pairs)
    yield from _table(("decision", "made", "wanted", "both", "precision", "recall"), rows)
    yield ""
    yield f"Forbidden data shown: {len(decisions.leaks(outcomes))}. "
    yield f"Answered although unanswerable or ambiguous: {len(decisions.guesses(outcomes))}."


def _stability(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Groups of wordings, and which of them came to different ends."""
    yield "## Stability over wordings"
    yield ""
    rows = [
        ("all wordings right", _share(stability.all_right(outcomes))),
        ("all wordings to the same end, right or wrong", _share(stability.all_agree(outcomes))),
    ]
    yield from _table(("groups of wordings of one question", "share, 95 % interval"), rows)
    yield ""
    for name, members in stability.groups(outcomes).items():
        if not stability.agree(members):
            right = sum(member.right for member in members)
            wrong = ", ".join(f"{o.id} ({o.kind})" for o in members if not o.right)
            yield f"- {name}: {right} of {len(members)} right; not {wrong}"


def _sql(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield "## SQL"
    yield ""
    rows = [
        ("answerable cases whose SQL ran", _share(validity.ran(outcomes))),
        ("the same without a repair", _share(validity.ran_at_once(outcomes))),
    ]
    rows += [
        (f"right, of those drafted from: {source}", _share(found))
        for source, found in validity.by_source(outcomes).items()
    ]
    rows += [
        (f"right, where the model was: {confidence}", _share(found))
        for confidence, found in validity.by_confidence(outcomes).items()
    ]
    yield from _table(("", "share, 95 % interval"), rows)


def _recall(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Of what the references read, what was shown to the drafter and what was drafted."""
    yield "## Tables and columns that the references read"
    yield ""
    kinds: tuple[What, ...] = ("tables", "columns")
    wheres: tuple[tuple[Where, str], ...] = (("shown", "in the context"), ("read", "in the SQL"))
    rows = [
        (f"{what} {text}", f"{found.mean:.1%}", _share(found.whole))
        for what in kinds
        for where, text in wheres
        if (found := recall.recall(outcomes, what, where))
    ]
    yield from _table(("", "found, mean", "cases with all of them, 95 % interval"), rows)


def _guard(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield "## Drafts turned down"
    yield ""
    rows = (
        (rule, str(found.questions), str(found.answered), str(found.right))
        for rule, found in guarding.by_rule(outcomes).items()
    )
    yield from _table(("rule", "questions", "answered after repair", "rightly"), rows)


def _time(outcomes: Sequence[Outcome], prices: Prices | None) -> Iterator[str]:
    yield "## Time and tokens"
    yield ""
    spreads: list[tuple[str, Spread | None, str]] = [
        (f"{stage}, s", found, ".3f") for stage, found in cost.seconds_by_stage(outcomes).items()
    ]
    spreads.append(("whole question, s", cost.seconds_in_all(outcomes), ".3f"))
    spreads.append(("the model as first measured, s", cost.model_seconds(outcomes), ".3f"))
    spreads.append(("all but draft, estimate and run, s", cost.seconds_of_our_own(outcomes), ".3f"))
    spreads += [
        (f"tokens {name} (questions that asked the model)", found, ".0f")
        for name, found in cost.tokens(outcomes).items()
    ]
    rows = (
        (name, format(found.median, form), format(found.p95, form), str(found.count))
        for name, found, form in spreads
        if found
    )
    yield from _table(("", "median", "95th percentile", "questions"), rows)
    if prices is not None and outcomes:
        paid = money.cost_of(outcomes, prices)
        yield ""
        yield (
            f"Tokens cost {paid:.4f} in all and {paid / len(outcomes):.6f} a question, at "
            f"{prices.read:g} and {prices.written:g} for a million read and written."
        )


def _misses(outcomes: Sequence[Outcome]) -> Iterator[str]:
    misses = [outcome for outcome in outcomes if not outcome.right]
    yield f"## Misses ({len(misses)})"
    for outcome in misses:
        yield ""
        yield f"### {outcome.id} ({outcome.category})"
        yield ""
        yield f"{outcome.question}"
        yield ""
        yield f"- why: {_line(outcome.reason)}"
        if outcome.source:
            yield f"- drafted from: {outcome.source}, repairs: {outcome.repairs}"
        if outcome.options:
            yield f"- offered: {_line(' / '.join(outcome.options))}"
        for title, sql in (
            ("predicted", outcome.predicted_sql),
            ("reference", outcome.reference_sql),
        ):
            if sql:
                yield ""
                yield f"{title}:"
                yield "```sql"
                yield sql.strip()
                yield "```"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|---" * len(header) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _share(found: Share) -> str:
    if found.value is None or found.interval is None:
        return "none"
    low, high = found.interval
    return f"{found.right}/{found.total} = {found.value:.1%} ({low:.0%} to {high:.0%})"


def _decision(found: Decision) -> tuple[str, ...]:
    counts = (str(found.made), str(found.wanted), str(found.both))
    return (*counts, _percent(found.precision), _percent(found.recall))


def _percent(value: float | None) -> str:
    return "none" if value is None else f"{value:.0%}"


def _line(text: str) -> str:
    return " ".join(text.split())
