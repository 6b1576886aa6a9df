from __future__ import annotations

from nlq_ui.api.replies import DecisionReply, FoundReply


def decision(client, sql):
    response = client.post("/api/v1/check", json={"sql": sql})
    assert response.status_code == 200
    return DecisionReply.model_validate(response.json())


def test_sql_that_passes_is_told_as_it_would_run(client):
    passed = decision(client, "SELECT amount FROM lake.shop.sales")
    assert (passed.passed, passed.rule) == (True, "")
    assert passed.guarded.tables == ["lake.shop.sales"]
    assert "LIMIT" in passed.guarded.sql


def test_a_refusal_names_its_rule(client):
    refused = decision(client, "DELETE FROM lake.shop.sales")
    assert (refused.passed, refused.guarded) == (False, None)
    assert refused.rule == "reads-only"
    assert refused.message


def test_the_guard_decides_by_whose_sql_it_is(people):
    ann, bob = people
    assert not decision(ann, "SELECT amount FROM lake.hr.pay").passed
    assert decision(bob, "SELECT amount FROM lake.hr.pay").passed


def test_a_search_finds_what_may_be_seen(people):
    names = []
    for person in people:
        response = person.get("/api/v1/catalog/search", params={"q": "amounts"})
        found = FoundReply.model_validate(response.json())
        names.append([table.name for table in found.tables])
    assert names == [["lake.shop.sales"], ["lake.hr.pay"]]


def test_a_search_for_nothing(client):
    for query in ("", "?q=", "?q=%20"):
        response = client.get(f"/api/v1/catalog/search{query}")
        assert response.status_code == 422
        assert response.json()["detail"].startswith("q: ")
