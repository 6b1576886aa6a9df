from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nlq_ui.api.app import Api
from nlq_ui.opening import Opening
from small_shop import Shop
from starlette.testclient import TestClient

from nlq.kept.conversations import Conversations
from nlq.kept.file import open_kept
from nlq.kept.rights import Rights
from nlq.settings import ServeSettings
from nlq.types import Principal

TOKENS = {"ann": "ann-token-1", "bob": "bob-token-2"}
ROLES = {"ann": ("analyst",), "bob": ("hr",)}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    shop.assistant.close()


@pytest.fixture
def tokens() -> tuple[dict[str, object], ...]:
    """As settings have them."""
    return tuple(
        {"name": name, "roles": ROLES[name], "sha256": hashlib.sha256(token.encode()).hexdigest()}
        for name, token in TOKENS.items()
    )


@pytest.fixture
def lasting(shop: Shop, tmp_path: Path) -> Conversations:
    """Conversations that are kept in a file."""
    rights = Rights(shop.assistant.catalog, shop.assistant.policy)
    return Conversations(open_kept(tmp_path / "kept.sqlite"), lambda: rights)


@pytest.fixture
def client_of(shop: Shop, lasting: Conversations) -> Iterator[Callable[..., TestClient]]:
    """Makes clients of an API with these settings; they ask as the named person, by token."""
    apis = []

    def make(name: str = "", opening: Opening | None = None, **settings: object) -> TestClient:
        if opening is None:
            opening = Opening(lambda _progress: shop.assistant)
            opening.start()
            opening.ready(5)
        api = Api(opening, ServeSettings(**settings), Principal("eve", ("analyst",)), lasting)
        apis.append(api)
        headers = {"Authorization": f"Bearer {TOKENS[name]}"} if name else {}
        return TestClient(
            api, "http://127.0.0.1:7860", headers=headers, raise_server_exceptions=False
        )

    yield make
    for api in apis:
        api.close()


@pytest.fixture
def client(client_of: Callable[..., TestClient]) -> TestClient:
    """A client on loopback, without tokens."""
    return client_of()


@pytest.fixture
def people(client_of: Callable[..., TestClient], tokens) -> tuple[TestClient, TestClient]:
    """Ann and Bob, at one API."""
    ann = client_of("ann", tokens=tokens, questions=50)
    bob = TestClient(
        ann.app,
        "http://127.0.0.1:7860",
        headers={"Authorization": f"Bearer {TOKENS['bob']}"},
        raise_server_exceptions=False,
    )
    return ann, bob
