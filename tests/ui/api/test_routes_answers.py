from __future__ import annotations

import pytest
from nlq_ui.api.replies import ResultReply


def asked(client, question="rows 250"):
    return client.post("/api/v1/ask", json={"question": question}).json()["answer"]["id"]


def test_the_pages_are_the_whole_result(client):
    id, rows, offset = asked(client), [], 0
    while offset is not None:
        response = client.get(f"/api/v1/answers/{id}/result?offset={offset}&limit=60")
        page = ResultReply.model_validate(response.json())
        assert (page.offset, page.row_count) == (offset, 250)
        rows += page.rows
        offset = page.next_offset
    assert rows == [[number] for number in range(250)]


def test_beyond_the_end_there_is_an_empty_page(client):
    page = client.get(f"/api/v1/answers/{asked(client)}/result?offset=250").json()
    assert (page["rows"], page["next_offset"], page["row_count"]) == ([], None, 250)


@pytest.mark.parametrize("query", ["offset=-1", "limit=0", "limit=1001", "offset=x"])
def test_a_page_that_cannot_be(client, query):
    response = client.get(f"/api/v1/answers/{asked(client)}/result?{query}")
    assert response.status_code == 422
    assert response.json()["detail"].startswith(query.split("=")[0])


def test_what_was_never_given_and_what_has_no_result(client):
    assert client.get("/api/v1/answers/nope/result").status_code == 404
    refused = client.get(f"/api/v1/answers/{asked(client, 'pay')}/result")
    assert refused.status_code == 404
    assert "has no result" in refused.json()["detail"]


def test_what_is_over_is_told(client_of):
    late = client_of(keep_s=1e-9)
    gone = late.get(f"/api/v1/answers/{asked(late)}/result")
    assert (gone.status_code, gone.json()["type"]) == (410, "urn:nlq:gone")
    assert gone.json()["hint"] == "Ask the question again."
    small = client_of(keep_bytes=10)
    assert small.get(f"/api/v1/answers/{asked(small)}/result").status_code == 410


def test_a_result_is_for_the_person_who_asked(people):
    ann, bob = people
    id = asked(ann)
    assert ann.get(f"/api/v1/answers/{id}/result").status_code == 200
    theirs, nobodys = (
        bob.get(f"/api/v1/answers/{id}/result"),
        bob.get("/api/v1/answers/000000000000/result"),
    )
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json()["detail"].replace(id, "") == nobodys.json()["detail"].replace("0" * 12, "")


def test_feedback_is_kept(client, shop):
    id = asked(client)
    body = {"rating": "down", "note": "Net, please."}
    response = client.post(f"/api/v1/answers/{id}/feedback", json=body)
    assert response.json() == {"answer_id": id, "rating": "down"}
    feedback = shop.audit.get(id).feedback
    assert (feedback.rating, feedback.note, feedback.by) == ("down", "Net, please.", "eve")


def test_feedback_on_what_is_anothers(people, shop):
    ann, bob = people
    id = asked(ann)
    response = bob.post(f"/api/v1/answers/{id}/feedback", json={"rating": "down"})
    assert response.status_code == 404
    assert shop.audit.get(id).feedback is None
    assert ann.post(f"/api/v1/answers/{id}/feedback", json={"rating": "fine"}).status_code == 422
