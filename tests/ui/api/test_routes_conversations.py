"""Conversations that last, over the API: those of whoever asks, under the rights of now."""

from __future__ import annotations

from nlq_ui.api.replies import ConversationReply, LinkReply, ListReply

from nlq.types import Answer, Principal

PATH = "/api/v1/conversations"


def asked(client, question="number 42", **more):
    reply = client.post("/api/v1/ask", json={"question": question, **more}).json()
    return reply["conversation_id"], reply


def listed(client, words=""):
    reply = client.get(PATH, params={"q": words}).json()
    return ListReply.model_validate(reply).conversations


def opened(client, path):
    return ConversationReply.model_validate(client.get(path).json())


def test_what_is_to_be_kept_is_listed_searched_opened_and_deleted(client):
    id, _ = asked(client, keep=True)
    asked(client, "rows 3", keep=True)
    assert [(c.title, c.count, c.shared) for c in listed(client)] == [
        ("rows 3", 1, False), ("number 42", 1, False),
    ]  # fmt: skip
    assert [c.found for c in listed(client, "NUMBER")] == ["number 42"]
    assert len(client.get(f"{PATH}?limit=1").json()["conversations"]) == 1
    found = opened(client, f"{PATH}/{id}")
    assert found.mine
    (exchange,) = found.exchanges
    assert (exchange.answer.result.rows, exchange.rows, exchange.told) == ([[42]], 1, "")
    assert client.delete(f"{PATH}/{id}").status_code == 204
    assert [c.title for c in listed(client)] == ["rows 3"]
    assert client.get(f"{PATH}/{id}").status_code == 404
    assert client.delete(f"{PATH}/{id}").status_code == 404


def test_a_kept_conversation_goes_on_and_goes_on_being_kept(client, client_of, shop):
    id, first = asked(client, keep=True)
    assert first["not_kept"] == ""
    _, later = asked(client_of(), "and rows 3", conversation_id=id)  # as after a restart
    assert (later["earlier_turns"], later["not_kept"]) == (1, "")
    assert len(opened(client, f"{PATH}/{id}").exchanges) == 2
    assert len(shop.drafter.questions[-1].conversation) == 1


def test_what_was_begun_in_slack_is_opened_too(client, lasting):
    id = "slack-CSALES:1784.0001-eve@example.com"
    answer = Answer("q1", "rows 3", "refusal", "No.")
    lasting.add(id, answer, Principal("eve", ("analyst",)))
    assert listed(client)[0].id == id
    assert opened(client, f"{PATH}/{id}").title == "rows 3"


def test_without_keep_nothing_is_kept(client):
    _, reply = asked(client)
    assert reply["not_kept"] == "It was not asked to be kept."
    assert listed(client) == []


def test_it_is_its_owners_alone(people):
    ann, bob = people
    id, _ = asked(ann, keep=True)
    assert listed(bob) == []
    mine, nobodys = (bob.get(f"{PATH}/{c}").json()["detail"] for c in (id, "0" * 32))
    assert mine.replace(id, "") == nobodys.replace("0" * 32, "")
    assert bob.post(f"{PATH}/{id}/share").status_code == 404
    assert bob.delete(f"{PATH}/{id}/share").status_code == 404
    assert bob.delete(f"{PATH}/{id}").status_code == 404
    _, reply = asked(bob, "pay 1", conversation_id=id, keep=True)
    assert (reply["earlier_turns"], reply["answer"]["kind"]) == (0, "answer")
    assert "another person's" in reply["not_kept"]
    assert len(opened(ann, f"{PATH}/{id}").exchanges) == 1


def test_a_link_shows_what_its_reader_may_see_until_it_is_taken_back(people):
    ann, bob = people
    id, _ = asked(ann, keep=True)
    link = LinkReply.model_validate(ann.post(f"{PATH}/{id}/share").json())
    assert link.link == f"/?s={link.token}"
    assert listed(ann)[0].shared
    assert opened(ann, f"/api/v1/shared/{link.token}").mine
    shown = opened(bob, f"/api/v1/shared/{link.token}")
    assert (shown.mine, shown.exchanges[0].answer) == (False, None)
    assert "not open to you" in shown.exchanges[0].told
    assert ann.delete(f"{PATH}/{id}/share").status_code == 204
    gone = ann.get(f"/api/v1/shared/{link.token}")
    assert (gone.status_code, gone.json()["type"]) == (404, "urn:nlq:not-found")
    assert "not shared, or no longer" in gone.json()["detail"]
    again = LinkReply.model_validate(ann.post(f"{PATH}/{id}/share").json())
    assert again.token != link.token


def test_a_misspelt_parameter_is_told(client):
    response = client.get(f"{PATH}?limt=3")
    assert response.status_code == 422
    assert response.json()["detail"] == "limt: there is no such parameter."
    assert response.json()["hint"] == "It takes limit, q."
