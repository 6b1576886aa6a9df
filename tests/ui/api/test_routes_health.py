from __future__ import annotations

import threading

import pytest
from nlq_ui.api.replies import ReadyReply
from nlq_ui.opening import Opening

from nlq.errors import IndexNotReady, LakeNotReady, ModelFileError, NlqError, SettingsError


def ready(client):
    response = client.get("/readyz")
    told = ReadyReply.model_validate(response.json())
    assert response.status_code == (200 if told.ready else 503)
    return told, {check.name: check.state for check in told.checks}


def test_ready(client):
    told, states = ready(client)
    assert told.ready
    assert states == {"lake": "ok", "index": "ok", "model": "ok", "engine": "ok"}
    assert told.checks[-1].detail == "shop 1"


def test_an_engine_that_is_down(client, shop):
    shop.engine.down = True
    told, states = ready(client)
    assert states["engine"] == "missing"
    assert (told.checks[-1].detail, told.checks[-1].hint) == ("The shop is closed.", "Open it.")
    assert client.get("/healthz").json() == {"status": "alive"}


def test_while_it_opens_it_lives_and_is_not_ready(client_of, shop):
    gate = threading.Event()

    def slow(progress):
        progress("Loading the model", None)
        gate.wait(10)
        return shop.assistant

    opening = Opening(slow)
    client = client_of(opening=opening)
    opening.start()
    _, states = ready(client)
    assert set(states.values()) == {"waiting"}
    assert client.get("/healthz").status_code == 200
    gate.set()
    opening.ready(10)
    assert ready(client)[0].ready


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (IndexNotReady("No index."), "index"),
        (LakeNotReady("No lake."), "lake"),
        (ModelFileError("No model."), "model"),
        (SettingsError("Wrong."), "settings"),
        (ZeroDivisionError("secret detail"), "settings"),
    ],
)
def test_what_is_missing_is_named_and_tried_anew(client_of, shop, error, name):
    fails = [error]

    def flaky(_progress):
        if fails:
            raise fails.pop()
        return shop.assistant

    opening = Opening(flaky)
    client = client_of(opening=opening)
    opening.start()
    with pytest.raises(type(error)):
        opening.ready(10)
    told, states = ready(client)
    assert states == {name: "missing"}
    assert "secret detail" not in told.checks[0].detail
    if isinstance(error, NlqError):
        assert told.checks[0].detail == error.message
    opening.ready(10)
    assert ready(client)[0].ready


def test_details_are_for_those_with_a_token(client_of, tokens, shop):
    shop.engine.down = True
    ann = client_of("ann", tokens=tokens)
    assert ready(ann)[0].checks[-1].detail == "The shop is closed."
    told, states = ready(client_of(tokens=tokens))
    assert states["engine"] == "missing"
    assert {check.detail for check in told.checks} == {""}
