"""A table's lineage as a picture: its edges go in, an SVG and the same in words come out."""

from __future__ import annotations

from html import escape

from nlq.desk.types import LineageEdge, TablePage

_WIDTH, _BOX, _ROW, _MOST = 320, 250, 46, 8


def lineage_html(page: TablePage) -> str:
    """The picture, the same as a list, and what it is not."""
    edges = page.lineage
    note = f'<p class="nlq-hint">{escape(page.lineage_note)}</p>' if page.lineage_note else ""
    if not edges:
        return f"<h4>Lineage</h4>{note}"
    name = page.doc.name
    told = dict.fromkeys((_other(edge, name), edge.words) for edge in edges)
    words = "".join(f"<li><b>{escape(other)}</b>: {escape(text)}</li>" for other, text in told)
    return (
        f"<h4>Lineage</h4>{_svg(page.doc.name, edges)}"
        f'<details class="nlq-fold"><summary>The same in words</summary>'
        f"<div><ul>{words}</ul></div></details>{note}"
    )


def _svg(name: str, edges: tuple[LineageEdge, ...]) -> str:
    above = list(dict.fromkeys(e.upstream for e in edges if e.directed and e.downstream == name))
    below = list(dict.fromkeys(e.downstream for e in edges if e.directed and e.upstream == name))
    others = dict.fromkeys(_other(e, name) for e in edges if not e.directed)
    beside = [table for table in others if table not in (*above, *below)]
    rows: list[tuple[str, str, bool]] = [
        *((table, "feeds it", True) for table in above[:_MOST]),
        (name, "", False),
        *((table, "is made of it", True) for table in below[:_MOST]),
        *((table, "is used with it", False) for table in beside[:_MOST]),
    ]
    mine = len(above[:_MOST])
    parts = []
    for number, (table, words, directed) in enumerate(rows):
        y = number * _ROW + 4
        x = 0 if number == mine else _WIDTH - _BOX
        kind = "desk-mine" if number == mine else "desk-other"
        short = table.split(".", 1)[-1]
        short = short if len(short) <= 34 else short[:33] + "…"
        parts.append(
            f'<g class="{kind}"><rect x="{x}" y="{y}" width="{_BOX}" height="30" rx="6"/>'
            f'<text x="{x + 10}" y="{y + 19}">{escape(short)}</text></g>'
        )
        if number != mine:
            middle, own = y + 15, mine * _ROW + (34 if number > mine else 4)
            dash = "" if directed else ' stroke-dasharray="4 3"'
            parts.append(
                f'<path d="M 24 {own} V {middle} H {_WIDTH - _BOX}"{dash}>'
                f"<title>{escape(words)}</title></path>"
            )
    height = len(rows) * _ROW
    told = f"Lineage of {name}: {len(above)} above, {len(below)} below, {len(beside)} beside."
    return (
        f'<svg class="desk-lineage" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(told)}">{"".join(parts)}</svg>'
    )


def _other(edge: LineageEdge, name: str) -> str:
    return edge.downstream if edge.upstream == name else edge.upstream
