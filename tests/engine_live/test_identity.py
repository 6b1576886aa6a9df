"""A PrestoDB with rights and resource groups of its own: who sees what, and who waits where."""

from __future__ import annotations

import json
import socket
import threading
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import digest
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from trino.auth import JWTAuthentication

from nlq.cancel import CancelToken
from nlq.engine.servers.server import RunningServer, start_server
from nlq.engine.trino_client import Client, Cluster
from nlq.engine.trino_client_engine import PrestoEngine
from nlq.errors import Cancelled, EngineUnavailable, QueryFailed
from nlq.types import QueryResult, RunLimits

pytestmark = pytest.mark.slow

HOME = Path(__file__).parents[2] / ".cache"
RIGHTS = {
    "catalogs": [
        {"user": "ana", "catalog": "tpch", "allow": True},
        {"user": "bob", "catalog": "tpcds", "allow": True},
        {"user": "nlq", "allow": True},
        {"catalog": "system", "allow": True},
        {"allow": False},
    ]
}


def _group(name: str, running: int, queued: int) -> dict[str, object]:
    return {
        "name": name,
        "softMemoryLimit": "100%",
        "hardConcurrencyLimit": running,
        "maxQueued": queued,
    }


GROUPS = {
    "rootGroups": [
        _group("executives", 5, 5), _group("analysts", 5, 5), _group("narrow", 1, 0),
        _group("others", 5, 5),
    ],
    "selectors": [
        {"clientTags": ["narrow"], "group": "narrow"},
        {"source": "nlq", "clientTags": ["executive"], "group": "executives"},
        {"source": "nlq", "user": "ana|bob", "group": "analysts"},
        {"group": "others"},
    ],
}  # fmt: skip
FILES = {
    "access-control.properties": "access-control.name=file\nsecurity.config-file=etc/rights.json\n",
    "rights.json": json.dumps(RIGHTS),
    "resource-groups.properties": "resource-groups.configuration-manager=file\n"
    "resource-groups.config-file=etc/resource-groups.json\n",
    "resource-groups.json": json.dumps(GROUPS),
}
TLS = """
http-server.https.enabled=true
http-server.https.port={port}
http-server.https.keystore.path=etc/server.pem
http-server.authentication.type=JWT
http.authentication.jwt.key-file=etc/token.key
"""
SIGNING_KEY = sha256(b"of a test").digest()
SLOW = "SELECT count(*) FROM tpch.sf1.lineitem a, tpch.sf1.lineitem b WHERE a.comment < b.comment"

Run = Callable[..., QueryResult]


@dataclass(frozen=True, slots=True)
class Governed:
    """The server: ``url`` asks for nobody's token, ``https_url`` for a signed one."""

    url: str
    https_url: str
    authority: Path


@pytest.fixture(scope="module")
def governed(presto_server: RunningServer, tmp_path_factory) -> Iterator[Governed]:
    """Started where the shared one could be, so that both are skipped for the same reason."""
    key, certificate = _certificate()
    authority = tmp_path_factory.mktemp("tls") / "authority.pem"
    authority.write_text(certificate)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = start_server(
        "presto", home=HOME, name="presto-governed", memory_mb=1024,
        more_files={
            **FILES, "config.properties": TLS.format(port=port), "server.pem": key + certificate,
            "token.key": b64encode(SIGNING_KEY).decode(),
        },
    )  # fmt: skip
    yield Governed(server.url, f"https://127.0.0.1:{port}", authority)
    server.stop()


def _certificate() -> tuple[str, str]:
    """A key and its certificate for 127.0.0.1, signed by itself."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "governed")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, pkcs8, plain).decode(), certificate.public_bytes(pem).decode()


def token(subject: str, key: bytes) -> str:
    """A JSON web token for ``subject``."""
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": subject})
    text = b".".join(urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in parts)
    signature = urlsafe_b64encode(digest(key, text, "sha256")).rstrip(b"=")
    return (text + b"." + signature).decode()


@pytest.fixture(scope="module")
def run(governed, guarded) -> Run:
    def go(sql: str, user: str, *tags: str, wait_s=None, on_progress=None) -> QueryResult:
        engine = PrestoEngine(governed.url, client_tags=tags, queue_wait_s=wait_s)
        try:
            limits = RunLimits(seconds=60)
            return engine.run(guarded(sql, user), limits, CancelToken(), on_progress)
        finally:
            engine.close()

    return go


@pytest.fixture(scope="module")
def group_of(governed) -> Iterator[Callable[[str], str]]:
    """The resource group that the server's own list tells of a query."""
    client = Client(Cluster("presto", governed.url, source="test"))

    def look(query_id: str) -> str:
        ((group,),) = client.rows(
            "SELECT array_join(resource_group_id, '.') FROM system.runtime.queries "
            f"WHERE query_id = '{query_id}'",
            user="watcher",
        )
        return str(group)

    yield look
    client.close()


@contextmanager
def narrow_taken(governed: Governed, guarded) -> Iterator[None]:
    """While inside, a query has the only place of the group ``narrow``."""
    engine = PrestoEngine(governed.url, client_tags=("narrow",))
    cancel, running = CancelToken(), threading.Event()

    def hold() -> None:
        with pytest.raises(Cancelled):
            engine.run(
                guarded(SLOW, "ana"), RunLimits(seconds=120), cancel,
                lambda words, _: running.set() if words.startswith("Running") else None,
            )  # fmt: skip

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert running.wait(60)
        yield
    finally:
        cancel.cancel()
        holder.join(10)
        engine.close()


def test_people_see_the_catalogs_that_they_may(run) -> None:
    assert run("SHOW CATALOGS", "ana").rows == (("system",), ("tpch",))
    assert run("SHOW CATALOGS", "bob").rows == (("system",), ("tpcds",))
    assert run("SELECT count(*) FROM tpch.tiny.nation", "ana").rows == ((25,),)


@pytest.mark.parametrize(
    ("user", "table"), [("bob", "tpch.tiny.nation"), ("ana", "tpcds.tiny.reason")]
)
def test_what_they_may_not_see_is_refused_in_a_sentence(
    run, governed, guarded, user, table
) -> None:
    sql = f"SELECT count(*) FROM {table}"
    engine = PrestoEngine(governed.url)
    for ask in (lambda: run(sql, user), lambda: engine.estimate(guarded(sql, user))):
        with pytest.raises(QueryFailed, match="does not let this person run it: Access") as denied:
            ask()
        assert not denied.value.repairable
        assert table.partition(".")[0] in denied.value.message
        assert "\n" not in denied.value.message
        assert "com.facebook" not in denied.value.message
    engine.close()


@pytest.mark.parametrize(
    ("user", "tags", "group"),
    [
        ("carl", ("executive",), "executives"),
        ("ana", (), "analysts"),
        ("carl", (), "others"),
        ("ana", ("narrow", "executive"), "narrow"),
    ],
)
def test_tags_and_names_choose_the_resource_group(run, group_of, user, tags, group) -> None:
    assert group_of(run("SELECT 1", user, *tags).query_id) == group


def test_a_full_queue_is_told_once_the_wait_is_over(run, governed, guarded) -> None:
    with narrow_taken(governed, guarded):
        started = time.monotonic()
        with pytest.raises(EngineUnavailable, match="has a full queue") as full:
            run("SELECT 1", "bob", "narrow", wait_s=2)
        assert time.monotonic() - started < 20
        assert full.value.cause == "busy"
        assert "narrow" in full.value.message


def test_a_place_that_becomes_free_is_taken(run, governed, guarded, group_of) -> None:
    heard: list[str] = []
    freed = threading.Event()

    def hears(words: str, _: float | None) -> None:
        heard.append(words)
        if words.startswith("Waiting for a place in the queue"):
            freed.set()

    with narrow_taken(governed, guarded):
        answers: list[QueryResult] = []
        asks = threading.Thread(
            target=lambda: answers.append(run("SELECT 7", "bob", "narrow", on_progress=hears))
        )
        asks.start()
        assert freed.wait(30)
    asks.join(60)
    assert [answer.rows for answer in answers] == [((7,),)]
    assert group_of(answers[0].query_id) == "narrow"


def test_a_token_over_tls_signs_in_and_the_query_runs_as_who_asks(governed, guarded) -> None:
    signed_in = JWTAuthentication(token("nlq-service", SIGNING_KEY))
    engine = PrestoEngine(governed.https_url, auth=signed_in, verify=str(governed.authority))
    assert engine.ping().startswith("PrestoDB 0.287")
    shown = engine.run(guarded("SHOW CATALOGS", "ana"), RunLimits(seconds=60), CancelToken())
    assert shown.rows == (("system",), ("tpch",))
    engine.close()


@pytest.mark.parametrize("auth", [None, JWTAuthentication(token("nlq-service", b"x" * 32))])
def test_without_a_token_of_theirs_it_is_refused(governed, guarded, auth) -> None:
    engine = PrestoEngine(governed.https_url, auth=auth, verify=str(governed.authority))
    with pytest.raises(EngineUnavailable, match="refuses the connection") as refused:
        engine.run(guarded("SELECT 1", "ana"), RunLimits(seconds=60), CancelToken())
    assert "token" in refused.value.hint
    assert refused.value.cause == "down"
    engine.close()


def test_a_certificate_of_nobody_known_is_not_trusted(governed, guarded) -> None:
    engine = PrestoEngine(governed.https_url)
    with pytest.raises(EngineUnavailable, match="certificate that is not trusted") as untrusted:
        engine.run(guarded("SELECT 1", "ana"), RunLimits(seconds=60), CancelToken())
    assert untrusted.value.cause == "down"
    engine.close()
