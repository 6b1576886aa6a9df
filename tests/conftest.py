"""How the tests share two cores, the sample lake and the benchmarks' queries; servers left out.

Tests that start the same heavy thing run one after another, on one worker.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlglot
import yaml

from nlq.catalog.catalog import Catalog
from nlq.errors import LakeNotReady
from nlq.sample.facts import SAMPLE_DOCS
from nlq.sample.lake import make_lake
from nlq.sql.guarded import GuardedQuery, seal
from nlq.types import ColumnDoc, JoinEdge, Principal, TableDoc

TOGETHER = ("browser", "model", "engine")
CACHE = Path(__file__).parents[1] / ".cache"
WAIT_SECONDS = 240
PRESTO_QUERIES = ("com.facebook.presto", "presto-benchto-benchmarks", "0.287")
TPC_TABLES = Path(__file__).parent / "sql/fixtures/tpc/tables.yaml"


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``-n 2 --dist loadgroup``, give each heavy kind to one worker, and those first.

    The last of them starts when the first is done: by then the servers' parts have come. Of the
    others a file goes to one worker, so that what is made for a module is made once.
    """
    kinds = {item: next(filter(item.get_closest_marker, TOGETHER), "") for item in items}
    for item, kind in kinds.items():
        file = f"{item.path.parent.name}/{item.path.stem}"
        item.add_marker(pytest.mark.xdist_group(kind or file))
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: TOGETHER.index(kinds[item]) if kinds[item] else len(TOGETHER))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """The very last lines: which tests of real servers were left out, why, how to get them."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    reasons: dict[str, int] = {}
    for report in skipped:
        if "engine" in report.keywords and isinstance(report.longrepr, tuple):
            reason = report.longrepr[2].removeprefix("Skipped: ")
            reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in reasons.items():
        tests = "1 test" if count == 1 else f"{count} tests"
        reporter.write_line(f"{tests} with real servers did not run. {reason}", yellow=True)


@pytest.fixture(scope="session")
def guarded() -> Callable[..., GuardedQuery]:
    """Seals a query as the guard would, its text unchanged."""

    def make(sql: str, user: str = "ana") -> GuardedQuery:
        tree = sqlglot.parse_one("SELECT 1", read="presto")
        assert isinstance(tree, sqlglot.exp.Query)
        return seal(
            tree=tree, sql=sql, principal=Principal(user), tables=(), columns=(), rewrites=(),
            fingerprint="", row_limit=1000,
        )  # fmt: skip

    return make


@pytest.fixture(scope="session")
def sample_lake() -> Path:
    """The sample's whole lake (scale 1), kept between runs; one of older code is thrown away."""
    folder = CACHE / f"sample-lake-{_generator_version()}"
    for old in set(CACHE.glob("sample-lake-*")) - {folder}:
        shutil.rmtree(old, ignore_errors=True)
    give_up = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return make_lake(folder, scale=1.0).folder
        except LakeNotReady as exc:  # another worker makes it
            if "Another process" not in str(exc) or time.monotonic() > give_up:
                raise
            time.sleep(1)


def _generator_version() -> str:
    """Changes when the generator's code or the tables' docs do."""
    sources = [*SAMPLE_DOCS.parent.rglob("*.py"), *(SAMPLE_DOCS / "tables").glob("*.yaml")]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@pytest.fixture(scope="session")
def presto_queries() -> dict[str, str]:
    """PrestoDB's own TPC queries by name (``tpch/q01``), fetched by Maven and never kept here."""
    group, artifact, version = PRESTO_QUERIES
    jar = _from_maven(group, artifact, version)
    if jar is None:
        pytest.skip(f"Maven could not get {group}:{artifact}:{version}, which holds the queries.")
    queries = {}
    with zipfile.ZipFile(jar) as archive:
        for name in archive.namelist():
            schema, _, file = name.removeprefix("sql/presto/").partition("/")
            if schema in {"tpch", "tpcds"} and file.endswith(".sql"):
                text = archive.read(name).decode()
                for key, value in {"database": "lake", "schema": schema, "prefix": ""}.items():
                    text = text.replace("${" + key + "}", value)
                queries[f"{schema}/{file.removesuffix('.sql')}"] = text
    return queries


def _from_maven(group: str, artifact: str, version: str) -> Path | None:
    folder = Path.home() / ".m2/repository" / group.replace(".", "/") / artifact / version
    jar = folder / f"{artifact}-{version}.jar"
    if not jar.is_file() and (mvn := shutil.which("mvn")):
        get = [mvn, "-q", "-B", "dependency:get", "-Dtransitive=false"]
        subprocess.run(
            [*get, f"-Dartifact={group}:{artifact}:{version}"],
            check=False,
            capture_output=True,
            timeout=240,
        )
    return jar if jar.is_file() else None


@pytest.fixture(scope="session")
def tpc_lake() -> Catalog:
    """The TPC tables, with the keys that the benchmark's authors joined by."""
    tables = {}
    raw = yaml.safe_load(TPC_TABLES.read_text())
    for schema, docs in raw.items():
        for table, doc in docs.items():
            name = f"lake.{schema}.{table}"
            columns = tuple(
                ColumnDoc(column, kind)
                for kind, names in doc["columns"].items()
                for column in names.split()
            )
            joins = tuple(
                JoinEdge(name, (c.name,), "lake.tpcds.call_center", ("cc_call_center_sk",))
                for c in columns
                if c.name.endswith("_call_center_sk")
            )
            tables[name] = TableDoc(name, columns, row_count=doc.get("rows"), joins=joins)
    return Catalog(tables)
