"""Where an approval is written: the docs' YAML file of verified queries, and a suite of eval cases.

Both lie in git, so an entry's lines are all that changes (``nlq.kept.yaml_list``). Writing the same
approval again changes nothing more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nlq.errors import ReviewError
from nlq.kept.yaml_list import (
    Entry,
    block,
    entries,
    field,
    read_text,
    with_entry,
    without_entry,
    write_whole,
)
from nlq.types import VerifiedQuery

_QUERIES = "verified_queries"
_CASES = "cases"
_QUERIES_HEAD = (
    "# Questions with SQL that one person proposed and another approved (docs/feedback.md).\n"
    "version: 1\n"
)
_CASES_HEAD = "# Answers that somebody called wrong, with the SQL that was approved instead.\n"
_LONGEST_ID = 60


def same_question(one: str, other: str) -> bool:
    """Whether two questions are one but for case and spaces."""
    return " ".join(one.lower().split()) == " ".join(other.lower().split())


@dataclass(frozen=True, slots=True)
class QueryFile:
    """The file of approved queries: below the folder of docs, so that the next index has them."""

    docs: Path | None
    name: Path

    @property
    def path(self) -> Path:
        """Where it is; raises ``ReviewError`` where nothing may be written."""
        if self.docs is None:
            raise ReviewError(
                "Approved queries are written into your folder of docs, and none is set: the "
                "sample's docs are part of nlq.",
                hint="Set catalog.docs to a folder of your own that lies in git.",
            )
        path = (self.docs / self.name).resolve()
        if not path.is_relative_to(self.docs.resolve()) or path.suffix != ".yaml":
            raise ReviewError(
                f"{path} is no *.yaml file in the folder of docs, so no index would find it.",
                hint="Set reviews.verified to a name like reviewed_queries.yaml.",
            )
        if not path.parent.is_dir():
            raise ReviewError(
                f"There is no folder {path.parent}.", hint="Make it, or change reviews.verified."
            )
        if not os.access(path if path.exists() else path.parent, os.W_OK) or not os.access(
            path.parent, os.W_OK
        ):
            raise ReviewError(
                f"{path} may not be written.",
                hint="Give the process that runs nlq the right to write there, or set "
                "catalog.docs to a folder that it may write to.",
            )
        return path

    def has(self, question: str) -> bool:
        """Whether the question is among those of the file; raises ``ReviewError``."""
        path = self.path
        found = entries(read_text(path, _QUERIES_HEAD), _QUERIES, path)
        return any(_is(entry, question) for entry in found)

    def all_of_the_docs(self) -> Iterator[tuple[str, Path]]:
        """The questions of every file of the docs that has verified queries, and the file."""
        for path in sorted(self.docs.rglob("*.yaml")) if self.docs else ():
            with suppress(ReviewError):
                for entry in entries(read_text(path, ""), _QUERIES, path):
                    yield str(entry.get("question", "")), path

    def put(self, query: VerifiedQuery) -> None:
        """Write the query, in place of one for the same question; sorted where the file is."""
        path = self.path
        text = read_text(path, _QUERIES_HEAD)
        text = without_entry(text, _QUERIES, lambda entry: _is(entry, query.question), path)
        keys = [_key(entry) for entry in entries(text, _QUERIES, path)]
        mine = " ".join(query.question.lower().split())
        place = next((i for i, key in enumerate(keys) if key > mine), None)
        place = place if keys == sorted(keys) else None
        write_whole(path, with_entry(text, _QUERIES, _query_lines(query), place, path))

    def remove(self, question: str) -> Path | None:
        """Take the question out of the docs; returns the file, None where it was in none."""
        _ = self.path  # raises where nothing may be written
        found = (path for asked, path in self.all_of_the_docs() if same_question(asked, question))
        path = next(found, None)
        if path is not None:
            text = read_text(path, "")
            changed = without_entry(text, _QUERIES, lambda entry: _is(entry, question), path)
            write_whole(path, changed)
        return path


def _query_lines(query: VerifiedQuery) -> list[str]:
    day = query.verified_at or date.min
    tables = ", ".join(query.tables)
    lines = [
        field("question", query.question),
        field("verified_by", query.verified_by),
        f"verified_at: {day.isoformat()}",
        f"tables: [{tables}]",
        *block("sql", query.sql),
    ]
    return _as_entry(lines)


def _as_entry(lines: list[str]) -> list[str]:
    return [f"- {lines[0]}", *(f"  {line}" if line else "" for line in lines[1:])]


def _key(entry: Entry) -> str:
    return " ".join(str(entry.get("question", "")).lower().split())


def _is(entry: Entry, question: str) -> bool:
    return same_question(str(entry.get("question", "")), question)


def case_id(question: str, answer_id: str) -> str:
    """A case's id from its question, and from the answer, so that it is unlike any other.

    >>> case_id("What was revenue in Q2 2026?", "9f3a01")
    'what-was-revenue-in-q2-2026-9f3a01'
    """
    words = re.sub(r"[^a-z0-9]+", "-", question.lower()).strip("-")[:_LONGEST_ID].rstrip("-")
    tail = re.sub(r"[^a-z0-9]+", "", answer_id.lower())[:6]
    return "-".join(part for part in (words, tail) if part) or "case"


def put_case(
    path: Path, id: str, question: str, sql: str, roles: tuple[str, ...], tables: int
) -> None:
    """Add a case that expects what ``sql`` gives, in place of one with the same id."""
    text = read_text(path, f"{_CASES_HEAD}version: 1\n{field('name', path.stem)}\n")
    text = without_entry(text, _CASES, lambda entry: entry.get("id") == id, path)
    lines = [
        field("id", id),
        f"category: {'join' if tables > 1 else 'single_table'}",
        field("question", question),
        *([f"roles: [{', '.join(roles)}]"] if roles else []),
        "references:",
        *(f"  {line}" if line else "" for line in _as_entry(block("sql", sql))),
    ]
    if not path.parent.is_dir():
        raise ReviewError(
            f"There is no folder {path.parent} for the suite.",
            hint="Make it, or change reviews.suite.",
        )
    write_whole(path, with_entry(text, _CASES, _as_entry(lines), None, path))


def remove_case(path: Path, id: str) -> None:
    """Take the case out, where it is there."""
    if not path.exists():
        return
    text = read_text(path, "")
    changed = without_entry(text, _CASES, lambda entry: entry.get("id") == id, path)
    if changed != text:
        write_whole(path, changed)
