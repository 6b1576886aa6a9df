"""Requests made from the API's own description: none breaks it, and it answers as described."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from nlq_ui.api.app import Api
from nlq_ui.opening import Opening
from schemathesis.core.transport import Response
from small_shop import Shop

from nlq.kept.conversations import Conversations
from nlq.kept.file import open_kept
from nlq.kept.rights import Rights
from nlq.settings import ServeSettings

TOKEN = "a token of the tests"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    folder = tmp_path_factory.mktemp("shop")
    shop = Shop(folder)
    rights = Rights(shop.assistant.catalog, shop.assistant.policy)
    lasting = Conversations(open_kept(folder / "kept.sqlite"), lambda: rights)
    opening = Opening(lambda _progress: shop.assistant)
    opening.start()
    opening.ready(5)
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    token = {"name": "ann", "roles": ["analyst"], "sha256": digest}
    api = Api(opening, ServeSettings(tokens=[token], questions=100), None, lasting)
    yield schemathesis.openapi.from_asgi("/api/v1/openapi.json", api)
    api.close()
    shop.assistant.close()


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(
    max_examples=6,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_breaks_it(case: schemathesis.Case) -> None:
    response: Response = case.call(headers=HEADERS)
    case.validate_response(response, headers=HEADERS)
