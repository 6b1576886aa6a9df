"""What a query would read on PrestoDB or Trino: a ``GuardedQuery`` enters, an ``Estimate`` leaves.

The server checks the query (EXPLAIN TYPE VALIDATE) and plans it at the same time. Rows, bytes and
partitions are sums over the scans: one that is unknown makes the sum unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from nlq.engine.partitions_read import PartitionCounts
from nlq.engine.trino_client_plans import Scan, scans_of
from nlq.sql.guarded import GuardedQuery
from nlq.types import Estimate

_AT_ONCE: Final = 4

Explain = Callable[[str, GuardedQuery], str]
"""The answer to EXPLAIN with these options; raises ``EngineError``."""


class Estimator:
    """Estimates queries on one cluster; safe to use from several threads at once.

    ``table_bytes`` tells the whole size of a table by its name, where that is known.
    """

    def __init__(
        self,
        explain: Explain,
        partitions: PartitionCounts,
        table_bytes: Callable[[str], int | None] = lambda _: None,
    ) -> None:
        self._explain = explain
        self._partitions = partitions
        self._table_bytes = table_bytes

    def estimate(self, query: GuardedQuery) -> Estimate:
        """What ``query`` would read, as its principal.

        Raises ``QueryFailed`` where the server turns it down, ``EngineUnavailable`` or
        ``QueryTimeout``.
        """
        user = query.principal.name
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="nlq-estimate") as pool:
            checked = pool.submit(self._explain, "TYPE VALIDATE", query)
            planned = pool.submit(self._explain, "TYPE DISTRIBUTED, FORMAT JSON", query)
            checked.result()  # its words name the place of a mistake; the plan's do not always
            scans = scans_of(planned.result())
            if scans is None:
                return Estimate()
            partitions = list(pool.map(lambda scan: self._partitions.read_by(scan, user), scans))
            sizes = list(pool.map(lambda s, n: self._size(s, n, user), scans, partitions))
        return Estimate(
            rows=_total([scan.rows for scan in scans]),
            size_bytes=_total(sizes),
            partitions=_total(partitions),
        )

    def _size(self, scan: Scan, partitions: int | None, user: str) -> int | None:
        """The bytes of a scan, or else its share of the table's, as if partitions were alike.

        That share is of all columns, so it is an estimate from above for a few of them.
        """
        if scan.size_bytes is not None or partitions is None:
            return scan.size_bytes
        whole = self._table_bytes(scan.table)
        if whole is None:
            return None
        most = self._partitions.of(scan.table, user)
        return round(whole * min(1.0, partitions / most)) if most else None


def _total(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None
