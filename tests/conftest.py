"""How the tests share two cores, the whole sample lake, and what they say of servers left out.

Tests that start the same heavy thing run one after another, on one worker.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlq.errors import LakeNotReady
from nlq.sample.facts import SAMPLE_DOCS
from nlq.sample.lake import make_lake

TOGETHER = ("browser", "model", "engine")
CACHE = Path(__file__).parents[1] / ".cache"
WAIT_SECONDS = 240


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With ``-n 2 --dist loadgroup``, give each heavy kind to one worker."""
    for item in items:
        for kind in TOGETHER:
            if item.get_closest_marker(kind):
                item.add_marker(pytest.mark.xdist_group(kind))


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
        reporter.write_line(f"{count} tests with real servers did not run. {reason}", yellow=True)


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
