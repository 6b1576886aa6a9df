"""Joins that no doc declares: tables and questions about their values enter, ``JoinEdge``s leave.

A column refers to a key where the docs say so in words and some values agree, or where their names
say so and most values agree. Only tables whose docs declare no join are looked at: what people
wrote is never guessed over. That names and contained values together tell foreign keys is known
from schema discovery (Rostin et al., "A Machine Learning Approach to Foreign Key Discovery", 2009).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nlq.catalog.keys import ENOUGH_ROWS, Evidence, is_key_type
from nlq.catalog.naming import KEY_ENDS, fits, forms, key_stem, looks_like_key, short
from nlq.catalog.said import Claim, ClaimKind, Place, shared_tail
from nlq.types import Cardinality, ColumnDoc, JoinEdge, TableDoc

_SHARED_TAIL = 5
"""Letters that two names must share at their ends to be about the same thing (``custid``)."""
_ANYTHINGS = frozenset({
    "id", "name", "names", "description", "status", "type", "kind", "code", "key", "date", "year",
    "month", "day", "title", "homepage", "url", "notes", "comment", "city", "state", "country",
    "region", "address", "email", "phone", "population", "area", "length", "number", "no", "rank",
})  # fmt: skip
"""Names that many tables have without meaning the same thing."""
_LIKE = frozenset({"parent", "previous", "predecessor", "successor", "reply_to", "in_reply_to"})
_SELF = _LIKE | {"manager", "supervisor", "boss", "reports_to", "mentor", "referrer", "referred_by"}
"""Names of columns for another row of the same table; ``_LIKE`` say so whatever it is about."""

_MOST = 0.6
"""Share of a column's different values that the key must have where the names alone say so."""
_SOME = 0.3
_SHARED = 0.3
_LEAST: dict[ClaimKind, float] = {"foreign key": 0.0, "identifier": _SOME, "name": _MOST}
_SURE_NAME = 0.9
_MOST_SHARING = 12
"""Tables with a column of one name; in more of them it is a trait of everything."""
_KINDS = re.compile(r"currency|ccy|lang|status|state_code|type|kind|method|categor|source|unit")
"""In names of columns by which rows are sorted rather than found."""
_COUNTS = re.compile(r"(?:no|num|number|nr)$")
"""Ends of names of identifiers that whole numbers may have as well by which things are counted."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """``rating`` is how surely the names say it, ``least`` the share of values that must agree.

    ``said`` is whether docs say it in words, ``is_id`` whether it is by more than a shared trait.
    """

    table: TableDoc
    column: ColumnDoc
    key_table: TableDoc
    key: ColumnDoc
    rating: float
    least: float
    said: bool = False
    is_id: bool = True


def infer_joins(evidence: Evidence) -> tuple[JoinEdge, ...]:
    """The joins of tables that have none.

    ``evidence`` is best about a catalog with its primary keys, declared or inferred.
    """
    finder = _Finder(evidence)
    finder.take_said()
    finder.take_named()
    finder.take_shared()
    return tuple(finder.edges.values())


class _Finder:
    def __init__(self, evidence: Evidence) -> None:
        catalog = evidence.catalog
        self._evidence = evidence
        self._tables = catalog.tables
        joined = {name for edge in catalog.joins for name in (edge.left, edge.right)}
        self._bare = [table for name, table in catalog.tables.items() if name not in joined]
        self._bare_names = frozenset(table.name for table in self._bare)
        self._keyed: dict[str, list[TableDoc]] = {}
        for table in catalog.tables.values():
            if len(table.primary_key) == 1:
                self._keyed.setdefault(table.primary_key[0].lower(), []).append(table)
        self._settled: set[Place] = set()
        self._order = {name: at for at, name in enumerate(catalog.tables)}
        self.edges: dict[frozenset[Place], JoinEdge] = {}

    def take_said(self) -> None:
        """What docs say in words: pairs either way round, then what columns refer to."""
        for left, right in self._evidence.said.pairs:
            if self._bare_names.issuperset((left[0], right[0])):
                self._take_pair(left, right)
        for claim in self._evidence.said.claims:
            if claim.table in self._bare_names and claim.kind != "name":
                self._take_claim(claim)

    def take_named(self) -> None:
        """What names say, of columns about which the docs say nothing; ids before mere traits."""
        named = {
            (claim.table, claim.column): claim
            for claim in self._evidence.said.claims
            if claim.kind == "name"
        }
        traits: list[list[_Candidate]] = []
        for table in self._bare:
            for column in table.columns:
                if (table.name, column.name) in self._settled or not is_key_type(column):
                    continue
                claim = named.get((table.name, column.name))
                found = sorted(self._candidates(table, column, claim), key=self._first)
                ids = [candidate for candidate in found if candidate.is_id]
                if not self._take_first(ids):
                    traits.append([candidate for candidate in found if not candidate.is_id])
        for found in traits:
            self._take_first(
                [each for each in found if not self._joined(each.table, each.key_table)]
            )

    # --- what docs say --------------------------------------------------------------------------

    def _take_pair(self, left: Place, right: Place) -> None:
        (table, column), (other, key) = self._doc(left), self._doc(right)
        if not fits(column, key) or not self._agrees(table, column, other, key, 0.0):
            return
        unique = [self._may_be_key(*side, said=False) for side in ((table, column), (other, key))]
        if unique[0] and (not unique[1] or self._rank(table, column) > self._rank(other, key)):
            left, right = right, left
            unique.reverse()
        (table, column), (other, key) = self._doc(left), self._doc(right)
        kind: Cardinality = self._cardinality(table, column) if unique[1] else "many_to_many"
        self._add(left, right, kind)
        self._settled.add(left)

    def _take_claim(self, claim: Claim) -> None:
        table, column = self._doc((claim.table, claim.column))
        key_table = self._tables[claim.key_table]
        self_reference = table.name == key_table.name
        least = 1.0 if self_reference else _LEAST[claim.kind]
        keys = [key_table.column(claim.key)] if claim.key else self._keys(key_table, column.name)
        self._take_first(
            _Candidate(table, column, key_table, key, 1.0, least, said=True)
            for key in keys
            if key is not None and not (self_reference and key.name == column.name)
        )

    def _keys(self, table: TableDoc, wanted: str) -> list[ColumnDoc]:
        """The columns that may identify the table's rows, the surest first."""
        same = [column for column in table.columns if column.name.lower() == wanted.lower()]
        rated = [
            (self._evidence.owns(table, column), column)
            for column in table.columns
            if is_key_type(column) and not column.name.lower().endswith("name")
        ]
        called = sorted((each for each in rated if each[0] > 0), key=lambda each: -each[0])
        return list({c.name: c for c in (*same, *(column for _, column in called))}.values())

    # --- what names say -------------------------------------------------------------------------

    def _candidates(
        self, table: TableDoc, column: ColumnDoc, claim: Claim | None
    ) -> Iterator[_Candidate]:
        owned = self._evidence.owns(table, column)
        bare = self._evidence.bare.column(table, column)
        yield from self._same_name(table, column, owned)
        if claim is not None:
            key_table = self._tables[claim.key_table]
            things = forms(short(key_table.name))
            for key in key_table.columns:
                if key.name.lower() in {"name", "title", *(f"{thing}_name" for thing in things)}:
                    yield _Candidate(table, column, key_table, key, 0.95, _MOST, True, False)
        if owned >= 3.0 * _SURE_NAME:
            return  # it is the key itself
        yield from self._thing_named(table, column, bare)
        stem = key_stem(column.name)
        if (
            {stem, column.name.lower()} & _SELF
            or {key_stem(bare), bare} & _LIKE
            or stem.startswith("parent_")
        ):
            for key in self._keys(table, "")[:1]:
                if key.name != column.name:
                    yield _Candidate(table, column, table, key, 0.7, 1.0)
        if stem:
            yield from self._ends_in_key(table, column)
            yield from self._same_tail(table, column, max(owned, 0.0))

    def _ends_in_key(self, table: TableDoc, column: ColumnDoc) -> Iterator[_Candidate]:
        """The key of the one table whose key a name ends in: ``home_sid`` is a ``site.sid``."""
        before, _, name = column.name.lower().rpartition("_")
        if not before or name in _ANYTHINGS or name in KEY_ENDS:
            return
        having = self._keyed.get(name, [])
        if len(having) == 1 and (key := having[0].column(name)) is not None:
            yield _Candidate(table, column, having[0], key, 0.85, 1.0)

    def _same_name(self, table: TableDoc, column: ColumnDoc, owned: float) -> Iterator[_Candidate]:
        for name in self._evidence.spellings(table, column):
            if name not in _ANYTHINGS:
                yield from self._of_name(name, table, column, owned)

    def _of_name(
        self, name: str, table: TableDoc, column: ColumnDoc, owned: float
    ) -> Iterator[_Candidate]:
        for other, key in self._evidence.by_spelling[name]:
            owns = self._evidence.owns(other, key)
            is_key = other.primary_key == (key.name,)
            is_id = looks_like_key(name)
            called = self._evidence.named_after(other, key) > 0.5
            if other.name == table.name or not (is_key or is_id or called) or owns < owned:
                continue
            is_bare = not column.name.lower() == key.name.lower() == name
            if is_bare and (owns <= max(owned, 0.0) or name in KEY_ENDS):
                continue  # less is alike than two whole names
            if _KINDS.search(name) and owns <= 0:
                continue  # unique by chance: a currency or a state in a few rows
            if owns == owned and not self._wider(other, key, table, column):
                continue
            yield _Candidate(
                table, column, other, key, 1.0 if owns >= 2.4 else 0.75, _MOST, is_id=is_id
            )

    def _thing_named(self, table: TableDoc, column: ColumnDoc, bare: str) -> Iterator[_Candidate]:
        """Keys of the tables whose things the column is called after: ``home_team_id``."""
        stem = key_stem(bare)
        words = (stem or bare).split("_")
        is_bare = bare != column.name.lower()
        is_key = bool(stem) and not (is_integer(column) and _COUNTS.search(bare))
        for at in range(len(words)):
            tail = "_".join(words[at:])
            target = self._evidence.called(tail, table, is_key=bool(stem)) if tail else None
            rating, least = (0.95, _MOST) if at == 0 and stem else (0.85, 0.9)
            if target is None and at == 0 and stem and (is_key or not is_bare):
                target = self._evidence.names.ending_in(tail, table)
                rating, least = 0.8, 0.9
            if target is None and tail:
                target = self._evidence.bare.hinted(tail, table, is_key=is_key)
                rating, least = 0.8, 1.0
            if target is None or (target.name == table.name and at == 0):
                continue
            if not stem and not (at == 0 or is_integer(column)):
                continue
            for key in self._keys(target, column.name):
                if key is not column and (not stem or self._is_called_key(target, key)):
                    yield _Candidate(table, column, target, key, rating, least)
            return

    def _is_called_key(self, table: TableDoc, key: ColumnDoc) -> bool:
        return any(
            name == "id" or looks_like_key(name) for name in self._evidence.spellings(table, key)
        )

    def _same_tail(self, table: TableDoc, column: ColumnDoc, owned: float) -> Iterator[_Candidate]:
        has_prefix = self._evidence.bare.has_prefix
        for other in self._bare:
            if other.name == table.name:
                continue
            for key in other.columns:
                tail = shared_tail(column.name, key.name)
                if (
                    tail >= _SHARED_TAIL
                    and tail >= 0.6 * len(key.name)
                    and key.name.lower() != column.name.lower()
                    and looks_like_key(key.name)
                    and self._evidence.owns(other, key) > owned
                    and not (has_prefix(table) and has_prefix(other))
                ):
                    yield _Candidate(table, column, other, key, 0.5 + tail / 100, 1.0)

    def _first(self, candidate: _Candidate) -> tuple[float, bool, float, int]:
        """Sorts the surest first, then what lies in the same schema, then by the catalog."""
        apart = (
            candidate.table.name.rpartition(".")[0] != candidate.key_table.name.rpartition(".")[0]
        )
        owns = self._evidence.owns(candidate.key_table, candidate.key)
        return -candidate.rating, apart, -owns, self._order[candidate.key_table.name]

    def _wider(self, other: TableDoc, key: ColumnDoc, table: TableDoc, column: ColumnDoc) -> bool:
        """Whether of two columns that are equally likely the key, ``other`` has more values."""
        theirs, ours = (
            self._evidence.counts(other, key.name),
            self._evidence.counts(table, column.name),
        )
        if theirs is None or ours is None:
            return False
        if theirs.unique != ours.unique:
            return theirs.unique
        if theirs.distinct != ours.distinct:
            return theirs.distinct > ours.distinct
        return self._order[other.name] < self._order[table.name]

    # --- what values say ------------------------------------------------------------------------

    def _take_first(self, candidates: Iterable[_Candidate]) -> bool:
        for candidate in candidates:
            if candidate.key_table.name not in self._bare_names or not self._holds(candidate):
                continue
            left = (candidate.table.name, candidate.column.name)
            right = (candidate.key_table.name, candidate.key.name)
            self._add(left, right, self._cardinality(candidate.table, candidate.column))
            self._settled.add(left)
            return True
        return False

    def _holds(self, candidate: _Candidate) -> bool:
        each = candidate
        if not fits(each.column, each.key):
            return False
        if not self._may_be_key(each.key_table, each.key, said=each.said):
            return False
        trusted = each.said or (each.rating >= _SURE_NAME and each.is_id)
        return self._agrees(
            each.table, each.column, each.key_table, each.key, each.least, trusted=trusted
        )

    def _may_be_key(self, table: TableDoc, column: ColumnDoc, *, said: bool) -> bool:
        counts = self._evidence.counts(table, column.name)
        if counts is None or counts.rows == 0:
            return said or table.primary_key == (column.name,)
        sure = said or self._evidence.owns(table, column) >= 2.4
        return counts.unique or (sure and counts.nearly_unique)

    def _agrees(
        self, table: TableDoc, column: ColumnDoc, key_table: TableDoc, key: ColumnDoc,
        least: float, *, trusted: bool = True,
    ) -> bool:  # fmt: skip
        """Whether enough values are the key's; where there are none to see, whether it is said."""
        met = self._evidence.met(table, column.name, key_table, key.name)
        counts = self._evidence.counts(key_table, key.name)
        if met is None or met[0] == 0 or (counts and counts.rows == 0):
            return trusted
        different, shared = met
        return shared > 0 and shared >= least * different

    def _cardinality(self, table: TableDoc, column: ColumnDoc) -> Cardinality:
        """Of a reference: one to one takes more than that no value stands twice in a few rows."""
        place = (table.name, column.name)
        counts = self._evidence.counts(table, column.name)
        if counts is None or not counts.unique or place in self._evidence.said.foreign:
            return "many_to_one"
        if self._evidence.is_bridge(table):
            return "many_to_one"
        alone = table.primary_key == (column.name,) or counts.rows >= ENOUGH_ROWS
        return "one_to_one" if alone else "many_to_one"

    # --- what is left ---------------------------------------------------------------------------

    def take_shared(self) -> None:
        """Traits that tables share which nothing else joins, however far: many to many."""
        groups = {table.name: self._group(table.name) for table in self._bare}
        for places in self._evidence.by_column.values():
            sharing = [(t, c) for t, c in places if t.name in groups and _is_trait(c)]
            if len(sharing) > _MOST_SHARING:
                continue
            for at, (table, column) in enumerate(sharing):
                for other, key in sharing[at + 1 :]:
                    if other.name in groups[table.name] or not fits(column, key):
                        continue
                    if self._share(table, column, other, key) >= _SHARED:
                        left, right = (table.name, column.name), (other.name, key.name)
                        self._add(left, right, "many_to_many")

    def _share(self, table: TableDoc, column: ColumnDoc, other: TableDoc, key: ColumnDoc) -> float:
        """The share that two columns have of the values of the smaller one."""
        met = self._evidence.met(table, column.name, other, key.name)
        theirs = self._evidence.counts(other, key.name)
        if met is None or theirs is None or not met[0] or not theirs.distinct:
            return 0.0
        return met[1] / min(met[0], theirs.distinct)

    def _group(self, table: str) -> frozenset[str]:
        """The tables that edges hold together with this one."""
        group = {table}
        while True:
            near = {
                name
                for edge in self.edges.values()
                if group & {edge.left, edge.right}
                for name in (edge.left, edge.right)
            } - group
            if not near:
                return frozenset(group)
            group |= near

    def _joined(self, table: TableDoc, other: TableDoc) -> bool:
        return any(
            {edge.left, edge.right} == {table.name, other.name} for edge in self.edges.values()
        )

    def _rank(self, table: TableDoc, column: ColumnDoc) -> tuple[float, int]:
        counts = self._evidence.counts(table, column.name)
        return self._evidence.owns(table, column), counts.distinct if counts else 0

    def _doc(self, place: Place) -> tuple[TableDoc, ColumnDoc]:
        table = self._tables[place[0]]
        return table, next(c for c in table.columns if c.name == place[1])

    def _add(self, left: Place, right: Place, cardinality: Cardinality) -> None:
        self.edges.setdefault(
            frozenset((left, right)),
            JoinEdge(left[0], (left[1],), right[0], (right[1],), cardinality),
        )


def _is_trait(column: ColumnDoc) -> bool:
    """Whether the column names something, such as a country, that rows of many tables are of."""
    name = column.name.lower()
    if name in _ANYTHINGS or not is_key_type(column) or _KINDS.search(name):
        return False
    return name.endswith("_name") or looks_like_key(name)


def is_integer(column: ColumnDoc) -> bool:
    """Whether the column holds whole numbers."""
    return column.type in ("bigint", "integer", "smallint", "tinyint")
