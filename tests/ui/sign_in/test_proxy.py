from __future__ import annotations

import pytest
from nlq_ui.sign_in.mode import Refused
from nlq_ui.sign_in.proxy import Proxy
from pydantic import ValidationError

from nlq.serve_settings import ProxySettings
from nlq.types import Principal

ROLES = {"finance": ("analyst", "finance"), "people": ("hr",)}
SECRET = "x" * 20
ANN = {"x_forwarded_user": "ann", "x_forwarded_groups": "finance, chess"}


def proxy(**settings: object) -> Proxy:
    return Proxy(ProxySettings(**{"addresses": ["10.0.0.0/24", "::1"], **settings}), ROLES)


def status(told: Principal | Refused) -> int:
    return told.status if isinstance(told, Refused) else 200


def test_the_proxy_says_who_asks_and_groups_give_roles(request_of):
    assert proxy().principal(request_of(**ANN)) == Principal("ann", ("analyst", "finance"))
    both = {**ANN, "x_forwarded_groups": "people,finance,people"}
    assert proxy().principal(request_of(**both)).roles == ("analyst", "finance", "hr")
    assert proxy().principal(request_of(client="::1", **ANN)).name == "ann"
    assert proxy().principal(request_of(client="::ffff:10.0.0.9", **ANN)).name == "ann"


@pytest.mark.parametrize("client", ["10.0.1.7", "127.0.0.1", "::2", "testclient", ""])
def test_what_comes_past_the_proxy_is_turned_away(request_of, client):
    told = proxy().principal(request_of(client=client, x_forwarded_for="10.0.0.7", **ANN))
    assert status(told) == 403


def test_a_secret_is_wanted_where_there_is_one(request_of):
    wants = proxy(secret=SECRET)
    assert status(wants.principal(request_of(**ANN))) == 403
    assert status(wants.principal(request_of(x_proxy_secret="y" * 20, **ANN))) == 403
    twice = (("x-proxy-secret", SECRET), ("x-proxy-secret", SECRET))
    assert status(wants.principal(request_of(more=twice, **ANN))) == 403
    assert status(wants.principal(request_of(x_proxy_secret=SECRET, **ANN))) == 200
    assert SECRET not in repr(ProxySettings(secret=SECRET))


def test_a_name_that_a_person_sent_themselves_does_not_count(request_of):
    for more in ((("x-forwarded-user", "root"),), (("x-forwarded-groups", "people"),)):
        assert status(proxy().principal(request_of(more=more, **ANN))) == 401


@pytest.mark.parametrize(
    ("name", "groups", "wanted"),
    [("", "finance", 401), (" ", "finance", 401), ("ann", "chess", 403), ("ann", "", 403),
     ("a\x07nn", "finance", 403), ("a" * 300, "finance", 403), ("Ånn", "finance", 200)],
)  # fmt: skip
def test_names_and_groups_that_give_nothing(request_of, name, groups, wanted):
    told = proxy().principal(request_of(x_forwarded_user=name, x_forwarded_groups=groups))
    assert status(told) == wanted
    assert wanted != 200 or told.name == name


def test_a_person_without_a_role_is_told_plainly(request_of):
    told = proxy().principal(request_of(**{**ANN, "x_forwarded_groups": "chess"}))
    assert "signed in as ann" in told.detail
    assert "none of your groups" in told.detail


@pytest.mark.parametrize("settings", [{"addresses": ["10.0.0.300"]}, {"secret": "short"}])
def test_settings_that_are_wrong(settings):
    with pytest.raises(ValidationError):
        ProxySettings(**settings)
