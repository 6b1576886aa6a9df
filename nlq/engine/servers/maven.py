"""A recipe enters, the server's folder leaves, put together from Maven artifacts.

Each part is fetched into a folder of its own name with ``.partial``, renamed when it is whole, and
listed in ``parts/NAME.json`` with every file's size and SHA-256. What is interrupted goes on: whole
parts are kept here, and what Maven had fetched of others is in Maven's own repository. Maven checks
every artifact against the repository's checksums, and fails where one is wrong.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from nlq.engine.servers.recipe import LAUNCHER, MAIN, TRINO, Recipe, pom
from nlq.errors import EngineUnavailable, SettingsError

OnStep = Callable[[str, float | None], None]

_PLUGIN: Final = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies"
_CHUNK: Final = 1 << 20
_FETCH_SECONDS: Final = 1800


def assemble(
    recipe: Recipe, engines: Path, java_home: Path, on_step: OnStep, connectors: Iterable[str] = ()
) -> Path:
    """Put the server together below ``engines``, or check the one that is there; its folder.

    ``connectors`` are those that its catalogs name. Raises ``SettingsError`` without Maven, for an
    unknown connector or a full disk, ``EngineUnavailable`` where a part cannot be had.
    """
    folder = fetch(recipe, engines, on_step, connectors)
    launcher = folder / "launcher" / f"{recipe.main_class}.class"
    if recipe is TRINO and not launcher.is_file():
        on_step("Compiling the launcher", None)
        _compile(folder, java_home)
    return folder


def fetch(recipe: Recipe, engines: Path, on_step: OnStep, connectors: Iterable[str] = ()) -> Path:
    """The first half of ``assemble``: the parts that Maven brings; waits for another that does."""
    folder, parts = engines / recipe.folder, recipe.parts_for(connectors)
    engines.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [part for part in parts if not _is_whole(folder, part[0])]
        if missing:
            _check_room(recipe, engines)
            maven = _find_maven()
            for number, (name, artifact) in enumerate(missing):
                on_step(f"Fetching {artifact} {recipe.version}", number / len(missing))
                _fetch(recipe, folder, name, artifact, maven)
    return folder


def part_folder(folder: Path, name: str) -> Path:
    """Where a part's jars are."""
    return folder / "lib" if name == MAIN else folder / "plugin" / name


def class_path(recipe: Recipe, folder: Path) -> str:
    """Java's class path of the server."""
    jars = str(folder / "lib" / "*")
    return f"{folder / 'launcher'}{os.pathsep}{jars}" if recipe is TRINO else jars


def write_list(folder: Path, name: str) -> None:
    """Write down a part's files, which makes it whole."""
    files = {
        path.name: {"size_bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(part_folder(folder, name).iterdir())
    }
    parts = folder / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    partial = parts / f"{name}.json.partial"
    partial.write_text(json.dumps(files, indent=1), "utf-8")
    partial.rename(parts / f"{name}.json")


def damaged(recipe: Recipe, folder: Path) -> list[str]:
    """Files whose content is not what was fetched, as ``part/file`` (reads all of them)."""
    found = []
    for name, _ in recipe.parts + recipe.connectors:
        for file, facts in _listed(folder, name).items():
            path = part_folder(folder, name) / file
            if not path.is_file() or _sha256(path) != facts["sha256"]:
                found.append(f"{name}/{file}")
    return found


def _is_whole(folder: Path, name: str) -> bool:
    """Whether every file of the part is there in its full size."""
    listed, home = _listed(folder, name), part_folder(folder, name)
    try:
        return bool(listed) and all(
            (home / file).stat().st_size == facts["size_bytes"] for file, facts in listed.items()
        )
    except OSError:
        return False


def _listed(folder: Path, name: str) -> dict[str, dict[str, object]]:
    try:
        listed: dict[str, dict[str, object]] = json.loads(
            (folder / "parts" / f"{name}.json").read_text("utf-8")
        )
    except (OSError, ValueError):
        return {}
    return listed


def _fetch(recipe: Recipe, folder: Path, name: str, artifact: str, maven: str) -> None:
    target = part_folder(folder, name)
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    project = folder / "poms" / artifact
    project.mkdir(parents=True, exist_ok=True)
    (project / "pom.xml").write_text(pom(recipe.group, artifact, recipe.version), "utf-8")
    command = [
        maven, "-B", "-q", "--strict-checksums", _PLUGIN,
        "-DincludeScope=runtime", f"-DoutputDirectory={partial}",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, cwd=project, capture_output=True, text=True, errors="replace",
            timeout=_FETCH_SECONDS, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as exc:
        raise EngineUnavailable(
            f"Maven did not fetch {artifact} within {_FETCH_SECONDS // 60} minutes.",
            hint="Run it again: it goes on where it stopped.",
        ) from exc
    if done.returncode != 0 or not any(partial.glob("*.jar")):
        raise EngineUnavailable(
            f"Maven could not fetch {artifact} {recipe.version}: {_reason(done.stdout)}.",
            hint="Check the network and Maven's settings.xml, then run it again: it goes on "
            "where it stopped.",
        )
    for plugin, plugin_class in recipe.plugin_classes:
        if plugin == name:
            _name_plugin(partial / "nlq-plugin-name.jar", plugin_class)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    write_list(folder, name)


def _name_plugin(jar: Path, plugin_class: str) -> None:
    """Trino finds a plugin by a service file, which its published jars lack."""
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("META-INF/services/io.trino.spi.Plugin", f"{plugin_class}\n")


def _compile(folder: Path, java_home: Path) -> None:
    launcher = folder / "launcher"
    launcher.mkdir(exist_ok=True)
    source = launcher / f"{TRINO.main_class}.java"
    source.write_text(LAUNCHER, "utf-8")
    command = [java_home / "bin" / "javac", "-cp", folder / "lib" / "*", "-d", launcher, source]
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise EngineUnavailable(
            f"Trino's launcher could not be compiled: {_reason(done.stderr)}.",
            hint=f"Remove {folder} and run it again.",
        )


def _find_maven() -> str:
    found = shutil.which("mvn")
    if found is None:
        raise SettingsError(
            "Maven (mvn) is not installed, and servers are put together with it.",
            hint="Install Maven 3.6 or newer, for instance with apt, dnf or brew.",
        )
    return found


def _check_room(recipe: Recipe, engines: Path) -> None:
    free = shutil.disk_usage(engines).free
    if free < recipe.needed_bytes:
        raise SettingsError(
            f"{engines} has {free / 1e9:.1f} GB free, and {recipe.brand} takes "
            f"{recipe.needed_bytes / 1e9:.1f} GB while it is put together.",
            hint="Make room, or set NLQ_HOME to a folder on another disk.",
        )


def _reason(output: str) -> str:
    """Maven's first line of error, shortened."""
    lines = [line.removeprefix("[ERROR]").strip() for line in output.splitlines() if line.strip()]
    return (lines[0] if lines else "it said nothing")[:400].rstrip(" .")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
