"""What the engine layer costs over the bare `trino` client, measured side by side in one run.

Needs servers that run (``nlq engine up presto``, ``nlq engine up trino``) and prints tables for
docs/clusters.md. Both sides end with all rows as Python values in memory. The bare client is
``trino.dbapi`` with its own conversion; for PrestoDB an adapter gives it PrestoDB's header names
and nothing else, which is enough for scalar columns. Rounds alternate (bare, nlq, nlq, bare), and
beside the time on the clock stands the time on this process's processor, which does not depend on
what else the server has to do.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import requests
import sqlglot
from requests.adapters import HTTPAdapter
from trino.dbapi import connect

from nlq.cancel import CancelToken
from nlq.engine.servers.recipe import RECIPES
from nlq.engine.servers.server import RunningServer, running_server
from nlq.engine.trino_client_engine import PrestoEngine, TrinoEngine
from nlq.sql.guarded import GuardedQuery, seal
from nlq.types import Principal, RunLimits

USER = "bench"
NO_LIMITS = RunLimits(seconds=1_800, rows=10**9, size_bytes=10**12)
QUERIES = {
    "lineitem, all 16 columns": "SELECT * FROM tpch.sf1.lineitem LIMIT {rows}",
    "decimals, dates, timestamps": """
        SELECT orderkey, quantity > 25 AS big, returnflag, comment,
            CAST(extendedprice AS decimal(12, 2)) AS price, CAST(tax AS decimal(12, 2)) AS tax,
            shipdate, receiptdate, CAST(shipdate AS timestamp) AS shipped_at,
            CAST(commitdate AS timestamp) AT TIME ZONE 'Europe/Berlin' AS committed_at
        FROM tpch.sf1.lineitem LIMIT {rows}""",
}

Read = Callable[[str], int]
"""Runs SQL, holds all its rows, and says how many there were."""


class HeaderNames(HTTPAdapter):
    """PrestoDB's header names for the bare client, and back."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kw: Any) -> requests.Response:
        """Send it, its headers renamed."""
        for name in [n for n in request.headers if n.lower().startswith("x-trino-")]:
            request.headers[f"X-Presto-{name[8:]}"] = request.headers.pop(name)
        request.headers.pop("X-Presto-Client-Capabilities", None)  # PrestoDB refuses those
        response = super().send(request, *args, **kw)
        for name in [n for n in response.headers if n.lower().startswith("x-presto-")]:
            response.headers[f"X-Trino-{name[9:]}"] = response.headers[name]
        return response


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds on the clock and on this process's processor."""

    clock: float
    processor: float


def bare(server: RunningServer) -> Read:
    """The client as it comes."""
    session = requests.Session()
    session.trust_env = False
    if server.kind == "presto":
        session.mount("http://", HeaderNames())
    connection = connect(
        host="127.0.0.1", port=server.port, user=USER, source="bare", http_session=session
    )

    def read(sql: str) -> int:
        cursor = connection.cursor()
        cursor.execute(sql)
        return len(cursor.fetchall())

    return read


def layer(server: RunningServer) -> Read:
    """The engine of nlq."""
    engine = (PrestoEngine if server.kind == "presto" else TrinoEngine)(server.url)
    return lambda sql: len(engine.run(guarded(sql), NO_LIMITS, CancelToken()).rows)


def guarded(sql: str) -> GuardedQuery:
    """The query as it is: what is measured lies behind the guard."""
    tree = sqlglot.parse_one(sql, read="presto")
    assert isinstance(tree, sqlglot.exp.Query)
    return seal(
        tree=tree, sql=sql, principal=Principal(USER), tables=(), columns=(), rewrites=(),
        fingerprint="", row_limit=10**9,
    )  # fmt: skip


def timed(read: Read, sql: str, rows: int) -> Took:
    """One reading of it; ends the program where rows are missing."""
    gc.collect()
    clock, processor = time.perf_counter(), time.process_time()
    found = read(sql)
    took = Took(time.perf_counter() - clock, time.process_time() - processor)
    if found != rows:
        sys.exit(f"{found} rows came instead of {rows}: {sql}")
    return took


def alternate(
    one: Read, other: Read, sql: str, rows: int, rounds: int
) -> tuple[list[Took], list[Took]]:
    """``rounds`` readings by each, the order turned around every time, after one not counted."""
    times: dict[Read, list[Took]] = {one: [], other: []}
    for read in times:
        timed(read, sql, rows)
    for turn in range(rounds):
        for read in (one, other) if turn % 2 == 0 else (other, one):
            times[read].append(timed(read, sql, rows))
    return times[one], times[other]


def spread(values: list[float], unit: float = 1.0) -> str:
    """The median, and the least and the most."""
    return f"{median(values) * unit:.1f} ({min(values) * unit:.1f} to {max(values) * unit:.1f})"


def added(bare_times: list[float], layer_times: list[float]) -> str:
    """What the medians differ by, in percent."""
    return f"{(median(layer_times) / median(bare_times) - 1) * 100:+.0f} %"


def say(line: str) -> None:
    """One line of the report, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure every server that runs."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--home", type=Path, default=Path(os.environ.get("NLQ_HOME", ".nlq")))
    options.add_argument("--rows", type=int, default=1_000_000, help="rows of each large result")
    options.add_argument("--rounds", type=int, default=4, help="readings of each by each side")
    options.add_argument("--trivial", type=int, default=200, help="readings of SELECT 1")
    asked = options.parse_args()
    servers = [s for kind in RECIPES if (s := running_server(kind, home=asked.home))]
    if not servers:
        sys.exit(f"No server runs below {asked.home}: nlq engine up presto, nlq engine up trino.")
    say(f"{os.cpu_count()} cores; {asked.rows:,} rows, {asked.rounds} rounds. Medians (ranges).\n")
    say("| server | result | s, bare | s, nlq | added | processor s, bare | nlq | added |")
    say("|---|---|---|---|---|---|---|---|")
    for server in servers:
        sides = bare(server), layer(server)
        for name, sql in QUERIES.items():
            times = alternate(*sides, sql.format(rows=asked.rows), asked.rows, asked.rounds)
            cells = [RECIPES[server.kind].brand, name]
            for part in ("clock", "processor"):
                ours, theirs = ([getattr(t, part) for t in side] for side in reversed(times))
                cells += [spread(theirs), spread(ours), added(theirs, ours)]
            say(f"| {' | '.join(cells)} |")
    say(f"\n`SELECT 1`, {asked.trivial} times by each side, in ms:\n")
    say("| server | bare | nlq | added (median of pairs) | processor, bare | nlq |")
    say("|---|---|---|---|---|---|")
    for server in servers:
        one, other = alternate(bare(server), layer(server), "SELECT 1", 1, asked.trivial)
        pairs = [(b.clock - a.clock) * 1e3 for a, b in zip(one, other, strict=True)]
        cells = [
            RECIPES[server.kind].brand,
            f"{median(t.clock for t in one) * 1e3:.1f}",
            f"{median(t.clock for t in other) * 1e3:.1f}",
            f"{median(pairs):+.1f}",
            f"{median(t.processor for t in one) * 1e3:.1f}",
            f"{median(t.processor for t in other) * 1e3:.1f}",
        ]
        say(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
