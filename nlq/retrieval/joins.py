"""How tables hang together: table names go in, the joins that connect them leave.

Joins that keep the number of rows (many to one) are preferred to those that multiply it, and ways
through certified tables to ways through deprecated ones.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from nlq.catalog.catalog import Catalog
from nlq.types import Cardinality, Certification, JoinEdge

# A way that multiplies rows is only taken where there is no other, however long.
_COST: Mapping[Cardinality, float] = {
    "many_to_one": 1.0,
    "one_to_one": 1.0,
    "one_to_many": 20.0,
    "many_to_many": 40.0,
}
_DETOUR: Mapping[Certification, float] = {
    "certified": 0.0,
    "none": 0.2,
    "staging": 2.0,
    "deprecated": 4.0,
}


def path_between(catalog: Catalog, source: str, target: str) -> tuple[JoinEdge, ...] | None:
    """The cheapest joins from one table to another, each turned outward; None if there are none."""
    return _cheapest(catalog, {source}, target)


def many_to_many(
    catalog: Catalog, sources: Sequence[str], target: str
) -> tuple[JoinEdge, ...] | None:
    """The cheapest joins from one of ``sources`` to ``target`` that pair rows with their own.

    A way that gathers rows first and then spreads them (many to one, then one to many) is none: it
    would pair the rows of two facts that merely share something (the chasm trap).
    """
    ways = (path_between(catalog, source, target) for source in sources)
    sound = [way for way in ways if way and not _spreads_gathered(way)]
    return min(sound, key=lambda way: _total(catalog, way), default=None)


def _spreads_gathered(path: Sequence[JoinEdge]) -> bool:
    gathered = False
    for edge in path:
        if gathered and edge.cardinality in ("one_to_many", "many_to_many"):
            return True
        gathered = gathered or edge.cardinality == "many_to_one"
    return False


def lookups(catalog: Catalog, fact: str, tables: Sequence[str]) -> tuple[JoinEdge, ...]:
    """The joins from ``fact`` to those of ``tables`` that it can reach without repeating its rows.

    These are the ones that a draft may use without counting anything twice.
    """
    edges: dict[JoinEdge, None] = {}
    for table in tables:
        path = path_between(catalog, fact, table) or ()
        if all(edge.cardinality in ("many_to_one", "one_to_one") for edge in path):
            edges.update(dict.fromkeys(path))
    return tuple(edges)


def _cheapest(catalog: Catalog, sources: Iterable[str], target: str) -> tuple[JoinEdge, ...] | None:
    # The name breaks ties, so that the same question gets the same joins every time.
    frontier = [(0.0, source) for source in sources if source in catalog.tables]
    heapq.heapify(frontier)
    best = {source: 0.0 for _, source in frontier}
    came_by: dict[str, JoinEdge] = {}
    while frontier:
        cost, here = heapq.heappop(frontier)
        if here == target:
            return _walk_back(came_by, target)
        if cost > best[here]:
            continue
        for edge in catalog.ways.get(here, ()):
            total = cost + _cost(catalog, edge)
            if total < best.get(edge.right, float("inf")):
                best[edge.right] = total
                came_by[edge.right] = edge
                heapq.heappush(frontier, (total, edge.right))
    return None


def _walk_back(came_by: Mapping[str, JoinEdge], target: str) -> tuple[JoinEdge, ...]:
    path: list[JoinEdge] = []
    while target in came_by:
        path.append(came_by[target])
        target = came_by[target].left
    return tuple(reversed(path))


def _cost(catalog: Catalog, edge: JoinEdge) -> float:
    return _COST[edge.cardinality] + _DETOUR[catalog.tables[edge.right].certification]


def _total(catalog: Catalog, path: Sequence[JoinEdge]) -> float:
    return sum(_cost(catalog, edge) for edge in path)
