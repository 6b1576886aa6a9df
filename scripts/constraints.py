"""Writes constraints.txt: what nlq and its extras need, pinned to what is installed and tested.

Run by ``make constraints`` in the environment whose versions are wanted; needs no network.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HEAD = "# Tested versions of everything that nlq needs; written by: make constraints\n"


def closure(root: str, extras: frozenset[str]) -> dict[str, str]:
    """Name and version of all that ``root`` with ``extras`` needs here, itself left out."""
    pinned: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(canonicalize_name(root), extras)]
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        try:
            found = distribution(name)
        except PackageNotFoundError:
            sys.exit(f"constraints: {name} is needed and not installed; run: make install")
        if name != root:
            pinned[name] = found.version
        for line in found.requires or ():
            need = Requirement(line)
            asked = [{"extra": extra} for extra in wanted] or [{"extra": ""}]
            if need.marker is None or any(need.marker.evaluate(env) for env in asked):
                waiting.append((canonicalize_name(need.name), frozenset(need.extras)))
    return pinned


if __name__ == "__main__":
    pins = closure("nlq", frozenset({"dev", "model", "presto-server"}))
    lines = [f"{name}=={version}\n" for name, version in sorted(pins.items())]
    Path("constraints.txt").write_text(HEAD + "".join(lines), encoding="utf-8")
    print(f"constraints.txt pins {len(lines)} packages")  # noqa: T201 (a script's last word)
