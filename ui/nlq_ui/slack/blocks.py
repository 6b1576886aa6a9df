"""Pieces of a Slack message: texts and results go in, Block Kit blocks within Slack's limits out.

Whatever comes from a person, a model or the lake stands in plain or rich text elements, where
nothing is read as formatting, a link or a mention.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from nlq.answer.cells import cell_writers
from nlq.answer.formats import is_number
from nlq.types import MetricUnit, QueryResult

Block = dict[str, Any]

MOST_COLUMNS: Final = 12
_CELL: Final = 80
_TABLE: Final = 8000  # Slack's own limit is 10,000 characters over all cells
_SECTION: Final = 2900
_RICH: Final = 2900
_TEXT: Final = 3000
_CONTEXT: Final = 1900
_BUTTON: Final = 75
_VALUE: Final = 2000


def clip(text: str, most: int) -> str:
    """The text, cut with an ellipsis where it is longer than ``most`` characters.

    >>> clip("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def escaped(text: str) -> str:
    """Text for a message's ``text``, which Slack would read as its own markup.

    >>> escaped("a < b & <!channel>")
    'a &lt; b &amp; &lt;!channel&gt;'
    """
    text = clip(text, _TEXT)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def headline(text: str) -> Block:
    """A sentence in bold."""
    return _rich([_line([{"type": "text", "text": clip(text, _RICH), "style": {"bold": True}}])])


def paragraph(text: str) -> Block:
    """A paragraph of plain text."""
    return {"type": "section", "text": _plain(clip(text, _SECTION))}


def bullets(texts: Sequence[str], sign: str = "") -> Block:
    """A list; ``sign`` is an emoji's name before each of its texts."""
    mark = [{"type": "emoji", "name": sign}, {"type": "text", "text": " "}] if sign else []
    each = max(1, _RICH // max(1, len(texts)))
    lines = [_line([*mark, {"type": "text", "text": clip(text, each)}]) for text in texts]
    return _rich([{"type": "rich_text_list", "style": "bullet", "elements": lines}])


def asked_line(user: str, question: str, channel: str = "") -> Block:
    """``@user asked: question``, with the channel where it was asked if it is another one."""
    place = [{"type": "text", "text": " in "}, {"type": "channel", "channel_id": channel}]
    said = {"type": "text", "text": clip(f" asked: {question}", _RICH)}
    if channel:
        said["text"] = clip(f": {question}", _RICH)
        place.insert(0, {"type": "text", "text": " asked"})
    return _rich([_line([{"type": "user", "user_id": user}, *(place if channel else []), said])])


def code(text: str) -> Block:
    """Preformatted text, whole as far as Slack takes it."""
    part = {"type": "text", "text": clip(text, _RICH)}
    return _rich([{"type": "rich_text_preformatted", "elements": [part]}])


def small(texts: Iterable[str]) -> list[Block]:
    """Small print, one text below the other; no block where there is none."""
    kept = [clip(text, _CONTEXT) for text in texts if text][:10]
    return [{"type": "context", "elements": [_plain(text) for text in kept]}] if kept else []


def button(label: str, action: str, value: str, style: str = "") -> Block:
    """A button; ``action`` says which one it is to whoever handles it, ``value`` what about."""
    made = {
        "type": "button",
        "text": _plain(clip(label, _BUTTON)),
        "action_id": action,
        "value": clip(value, _VALUE),
    }
    return {**made, "style": style} if style else made


def buttons(made: Sequence[Block]) -> list[Block]:
    """A row of buttons; no block where there is none."""
    return [{"type": "actions", "elements": list(made)[:25]}] if made else []


def table(
    result: QueryResult, units: Mapping[str, MetricUnit], labels: Mapping[str, str], rows: int
) -> list[Block]:
    """The first ``rows`` rows, numbers to the right, and small print on what is left out."""
    if not result.rows:
        return [paragraph("The result has no rows.")]
    shown = result.columns[:MOST_COLUMNS]
    writers = cell_writers(result, units)[:MOST_COLUMNS]
    right = [any(is_number(row[i]) for row in result.rows) for i in range(len(shown))]
    lines = [[_cell(labels.get(c.name, c.name.replace("_", " "))) for c in shown]]
    length = sum(len(cell["text"]) for cell in lines[0])
    for row in result.rows[:rows]:
        # zip would be strict but for the columns that are left out
        line = [_cell(write(value)) for write, value in zip(writers, row, strict=False)]
        length += sum(len(cell["text"]) for cell in line)
        if length > _TABLE:
            break
        lines.append(line)
    drawn = {
        "type": "table",
        "column_settings": [{"align": "right" if r else "left", "is_wrapped": True} for r in right],
        "rows": lines,
    }
    return [drawn, *small([_left_out(result, len(lines) - 1, len(shown))])]


def _left_out(result: QueryResult, rows: int, columns: int) -> str:
    count, told = len(result.rows), []
    if rows < count:
        told.append(f"The first {rows} of {count:,} rows.")
    if columns < len(result.columns):
        told.append(f"The first {columns} of {len(result.columns)} columns.")
    if told:
        told.append("“Full result” sends you all of it.")
    if result.truncated:
        told.append(f"The result was cut off at {count:,} rows by a limit.")
    return " ".join(told)


def _cell(text: str) -> Block:
    one_line = " ".join(text.split()) or "–"  # noqa: RUF001 (a dash stands for no value)
    return {"type": "raw_text", "text": clip(one_line, _CELL)}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text or " ", "emoji": False}


def _line(elements: list[Block]) -> Block:
    return {"type": "rich_text_section", "elements": elements}


def _rich(elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": elements}
