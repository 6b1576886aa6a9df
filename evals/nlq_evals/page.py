"""Page: runs go in, one HTML file that needs nothing else leaves, runs side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape

from nlq_evals.log import RunInfo
from nlq_evals.outcome import Outcome
from nlq_evals.scorers import accuracy, cost, decisions, guarding, money, recall, replay
from nlq_evals.scorers.accuracy import Share
from nlq_evals.scorers.decisions import Decision
from nlq_evals.scorers.money import Prices

Run = tuple[RunInfo, Sequence[Outcome]]

_EDGES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""Seconds at which the histogram's steps end; the last step has no end."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --soft: #5c5c5c; --line: #d8d8d8;
  --paper: #fff; --bar: #2f6fb0; --code: #f4f4f4; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --soft: #a8a8a8; --line: #444;
  --paper: #161616; --bar: #6ea8e0; --code: #232323; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 72rem; margin: 0 auto; padding: 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0 1rem; }
caption { text-align: left; color: var(--soft); }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
svg { display: block; width: min(10rem, 28vw); }
svg .track { fill: var(--line); } svg .bar { fill: var(--bar); }
svg .whisker { stroke: var(--ink); stroke-width: 2; }
details { border-bottom: 1px solid var(--line); padding: .4rem 0; }
summary { cursor: pointer; } summary small { color: var(--soft); }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
  gap: 1rem; }
pre { background: var(--code); padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere; }
"""


def page(runs: Sequence[Run], prices: Prices | None = None) -> str:
    """The whole page, of one run or several."""
    title = f"Suite {', '.join(dict.fromkeys(info.suite for info, _ in runs))}"
    parts = (
        _summary(runs, prices),
        _accuracy(runs),
        _decisions(runs),
        _time(runs),
        _guard(runs),
        *(_misses(info, outcomes) for info, outcomes in runs),
    )
    body = "\n".join(line for part in parts for line in part)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _summary(runs: Sequence[Run], prices: Prices | None) -> Iterator[str]:
    def row(name: str, told: Callable[[RunInfo, Sequence[Outcome]], str]) -> list[str]:
        return [name, *(escape(told(info, outcomes)) for info, outcomes in runs)]

    rows = [
        row("model", lambda info, _: info.model),
        row("machine", lambda info, _: info.machine),
        row("day", lambda info, _: info.day),
        row("cases", lambda _, found: str(len(found))),
        row("execution accuracy", lambda _, found: _share(accuracy.execution_accuracy(found))),
        row("all cases", lambda _, found: _share(accuracy.overall(found))),
        row("replayed", lambda _, found: replay.told(found) or "none"),
        row("tokens read", lambda _, found: f"{sum(o.tokens_read for o in found):,}"),
        row("tokens written", lambda _, found: f"{sum(o.tokens_written for o in found):,}"),
        row("columns shown, mean", lambda _, found: _recall(found)),
    ]
    if prices is not None:
        rows.append(row("cost of tokens", lambda _, found: f"{money.cost_of(found, prices):.4f}"))
    yield from _table("What was measured", ["", *_names(runs)], rows)


def _accuracy(runs: Sequence[Run]) -> Iterator[str]:
    shares = [accuracy.by_category(outcomes) for _, outcomes in runs]
    categories = dict.fromkeys(name for found in shares for name in found)
    rows = [
        [escape(name), *(_bar(found.get(name, Share(0, 0, None))) for found in shares)]
        for name in categories
    ]
    yield "<h2>Accuracy by category</h2>"
    caption = "Share right; the line is the 95 % bootstrap interval"
    yield from _table(caption, ["category", *_names(runs)], rows)


def _decisions(runs: Sequence[Run]) -> Iterator[str]:
    kinds = (("refusal", decisions.refusals), ("question back", decisions.clarifications))
    rows = [[name, *(_decision(count(outcomes)) for _, outcomes in runs)] for name, count in kinds]
    rows.append(["forbidden data shown", *(str(len(decisions.leaks(found))) for _, found in runs)])
    yield "<h2>Refusals and questions back</h2>"
    yield from _table("Precision and recall", ["decision", *_names(runs)], rows)


def _time(runs: Sequence[Run]) -> Iterator[str]:
    starts = (0.0, *_EDGES)
    names = [f"up to {edge:g} s" for edge in _EDGES] + [f"above {_EDGES[-1]:g} s"]
    counts = [_histogram(outcomes, starts) for _, outcomes in runs]
    rows = [
        [name, *(_bar_of(found[n], max(1, *found)) for found in counts)]
        for n, name in enumerate(names)
    ]
    yield "<h2>Time</h2>"
    yield from _table("Questions by whole seconds taken", ["time", *_names(runs)], rows)
    stages = dict.fromkeys(s for _, found in runs for s in cost.seconds_by_stage(found))
    by_run = [cost.seconds_by_stage(outcomes) for _, outcomes in runs]
    spreads = [
        [
            stage,
            *(f"{s[stage].median:.3f} / {s[stage].p95:.3f}" if stage in s else "" for s in by_run),
        ]
        for stage in stages
    ]
    yield from _table("Seconds by stage, median / 95th percentile", ["", *_names(runs)], spreads)


def _guard(runs: Sequence[Run]) -> Iterator[str]:
    found = [guarding.by_rule(outcomes) for _, outcomes in runs]
    rules = dict.fromkeys(rule for each in found for rule in each)
    if not rules:
        return
    rows = [
        [
            escape(rule),
            *(
                f"{each[rule].questions} turned down, {each[rule].answered} answered after repair"
                if rule in each
                else "none"
                for each in found
            ),
        ]
        for rule in rules
    ]
    yield "<h2>Drafts turned down</h2>"
    yield from _table("Questions by rule", ["rule", *_names(runs)], rows)


def _misses(info: RunInfo, outcomes: Sequence[Outcome]) -> Iterator[str]:
    misses = [outcome for outcome in outcomes if not outcome.right]
    yield f"<h2>Misses of {escape(info.system)} ({len(misses)})</h2>"
    for o in misses:
        yield f"<details><summary>{escape(o.id)} <small>{escape(o.category)}</small></summary>"
        yield f"<p>{escape(o.question)}</p><p>{escape(' '.join(o.reason.split()))}</p>"
        yield '<div class="sides">'
        for name, sql in (("predicted", o.predicted_sql), ("reference", o.reference_sql)):
            if sql:
                yield f"<div>{name}<pre><code>{escape(sql.strip())}</code></pre></div>"
        yield "</div></details>"


def _table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table whose first cells name their rows; cells are HTML."""
    yield f'<div class="wide" tabindex="0"><table><caption>{caption}</caption>'
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in header)
    yield f"<thead><tr>{heads}</tr></thead><tbody>"
    for first, *others in rows:
        cells = "".join(f"<td>{cell}</td>" for cell in others)
        yield f'<tr><th scope="row">{first}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def _names(runs: Sequence[Run]) -> list[str]:
    """What tells the runs apart: the system, and its number where several are of one."""
    systems = [info.system for info, _ in runs]
    return [
        escape(name if systems.count(name) == 1 else f"{name} ({n})")
        for n, name in enumerate(systems, start=1)
    ]


def _bar(found: Share) -> str:
    if found.value is None or found.interval is None:
        return "none"
    low, high = (100 * end for end in found.interval)
    return (
        '<svg viewBox="0 0 100 12" width="160" height="14" preserveAspectRatio="none" '
        'aria-hidden="true"><rect class="track" width="100" height="12"/>'
        f'<rect class="bar" width="{100 * found.value:.1f}" height="12"/>'
        f'<line class="whisker" x1="{low:.1f}" x2="{high:.1f}" y1="6" y2="6"/></svg>'
        f"{_share(found)}"
    )


def _bar_of(count: int, most: int) -> str:
    return (
        '<svg viewBox="0 0 100 12" width="160" height="14" preserveAspectRatio="none" '
        f'aria-hidden="true"><rect class="bar" width="{100 * count / most:.1f}" height="12"/>'
        f"</svg>{count}"
    )


def _histogram(outcomes: Sequence[Outcome], starts: Sequence[float]) -> list[int]:
    """How many questions took longer than each start, and no longer than the next."""
    counts = [0] * len(starts)
    for outcome in outcomes:
        seconds = outcome.seconds + outcome.saved
        counts[max(0, sum(seconds > start for start in starts) - 1)] += 1
    return counts


def _recall(outcomes: Sequence[Outcome]) -> str:
    found = recall.recall(outcomes, "columns", "shown")
    return f"{found.mean:.1%}" if found else "none"


def _share(found: Share) -> str:
    if found.value is None or found.interval is None:
        return "none"
    low, high = found.interval
    return f"{found.right}/{found.total} = {found.value:.1%} ({low:.0%} to {high:.0%})"


def _decision(found: Decision) -> str:
    shares = ("none" if v is None else f"{v:.0%}" for v in (found.precision, found.recall))
    return f"{' / '.join(shares)} of {found.made} made, {found.wanted} wanted"
