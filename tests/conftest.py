"""How the tests share two cores: those that start the same heavy thing run one after another."""

from __future__ import annotations

import pytest

TOGETHER = ("browser", "model", "engine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With ``-n 2 --dist loadgroup``, give each heavy kind to one worker."""
    for item in items:
        for kind in TOGETHER:
            if item.get_closest_marker(kind):
                item.add_marker(pytest.mark.xdist_group(kind))
