"""One entry of a list in a YAML file that people also write: text goes in, changed text comes out.

Only the lines of that entry change, so that comments and layout stay and a diff shows one entry.
What comes out is read again and must hold what it should; otherwise nothing is written.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from nlq.errors import ReviewError

Entry = dict[str, Any]
Wanted = Callable[[Entry], bool]


def entries(text: str, key: str, path: Path) -> list[Entry]:
    """The entries of the list under ``key``; raises ``ReviewError`` where it is none."""
    try:
        raw = yaml.safe_load(text) or {}
    except yaml.YAMLError as exc:
        raise ReviewError(
            f"{path} is not readable YAML: {exc}", hint="Mend the file, then try again."
        ) from exc
    found = raw.get(key) if isinstance(raw, dict) else None
    if found is None and isinstance(raw, dict):
        return []
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise ReviewError(
            f"{path} has no list {key}.", hint="Name another file in the settings, or mend this."
        )
    return found


def with_entry(text: str, key: str, lines: list[str], place: int | None, path: Path) -> str:
    """The text with ``lines`` (the first begins with ``- ``) as an entry before number ``place``.

    None puts it at the end. An entry that is empty so far, or missing, is begun.
    """
    whole = text.splitlines()
    before = entries(text, key, path)
    if not before:
        kept = [line for line in whole if not line.startswith(f"{key}:")]
        new = [*kept, f"{key}:", *(f"  {line}" if line else "" for line in lines)]
    else:
        starts, end, indent = _layout(text, key)
        at = end if place is None else _with_comments(whole, starts[place], starts, place)
        block = [" " * indent + line if line else "" for line in lines]
        new = [*whole[:at], *block, *whole[at:]]
    changed = _checked("\n".join(new) + "\n", key, len(before) + 1, path)
    after = entries(changed, key, path)
    at = len(before) if place is None else place
    if after[:at] + after[at + 1 :] != before:
        raise _unclear(path)
    return changed


def without_entry(text: str, key: str, wanted: Wanted, path: Path) -> str:
    """The text without the entry that is ``wanted``; unchanged where there is none."""
    before = entries(text, key, path)
    number = next((i for i, entry in enumerate(before) if wanted(entry)), None)
    if number is None:
        return text
    whole = text.splitlines()
    starts, end, _ = _layout(text, key)
    last = number + 1 == len(starts)
    stop = end if last else _with_comments(whole, starts[number + 1], starts, number + 1)
    rest = [*whole[: starts[number]], *whole[stop:]]
    if len(before) == 1:
        rest = [f"{key}: []" if line.startswith(f"{key}:") else line for line in rest]
    changed = _checked("\n".join(rest) + "\n", key, len(before) - 1, path)
    if entries(changed, key, path) != before[:number] + before[number + 1 :]:
        raise _unclear(path)
    return changed


def write_whole(path: Path, text: str) -> None:
    """Replace the file at once, so that nobody reads half of it; raises ``ReviewError``."""
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, mode)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as exc:
        raise ReviewError(
            f"{path} cannot be written: {(exc.strerror or str(exc)).lower()}.",
            hint="Give the process that runs nlq the right to write there, or name another file "
            "in the settings (docs/feedback.md).",
        ) from exc


def read_text(path: Path, otherwise: str) -> str:
    """The file's text, or ``otherwise`` where there is no file; raises ``ReviewError``."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return otherwise
    except (OSError, UnicodeDecodeError) as exc:
        raise ReviewError(
            f"{path} cannot be read: {exc}.", hint="Mend it, then try again."
        ) from exc


def field(name: str, value: object) -> str:
    """One line ``name: value``, quoted as far as YAML needs it."""
    return yaml.safe_dump({name: value}, allow_unicode=True, width=10**6).rstrip("\n")


def block(name: str, text: str) -> list[str]:
    """A text of several lines as YAML writes it to be read."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    if any(not (char.isprintable() or char == "\t") for line in lines for char in line):
        return [field(name, text)]
    return [f"{name}: |-", *(f"  {line}" if line else "" for line in lines)]


def _layout(text: str, key: str) -> tuple[list[int], int, int]:
    """The line where each entry begins, the line after the last one, and the entries' indent."""
    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    node = next(value for name, value in root.value if name.value == key)
    lines = text.splitlines()
    starts = [item.start_mark.line for item in node.value]
    end = min(node.end_mark.line, len(lines)) if node.end_mark.column == 0 else len(lines)
    while end > starts[-1] + 1 and _blank_or_comment(lines[end - 1]):
        end -= 1
    return starts, end, len(lines[starts[0]]) - len(lines[starts[0]].lstrip())


def _with_comments(lines: list[str], start: int, starts: list[int], number: int) -> int:
    """Where an entry begins together with the comments above it."""
    least = starts[number - 1] + 1 if number else 0
    while start > least and _blank_or_comment(lines[start - 1]):
        start -= 1
    return start


def _blank_or_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _checked(text: str, key: str, count: int, path: Path) -> str:
    try:
        right = len(entries(text, key, path)) == count
    except ReviewError:
        right = False
    if not right:
        raise _unclear(path)
    return text


def _unclear(path: Path) -> ReviewError:
    return ReviewError(
        f"{path} is laid out in a way that cannot be changed safely.",
        hint="Write the list as lines that begin with a dash, or name another file.",
    )
