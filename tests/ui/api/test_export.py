"""Every row of an answer as a file, over the API."""

from __future__ import annotations

import io
import threading
import time
import zipfile

import pyarrow.parquet as pq

from nlq.errors import ResultTooLarge


def asked(client, question="rows 250", **more):
    return client.post("/api/v1/ask", json={"question": question, **more}).json()


def file_of(client, asked, **wanted):
    return client.get(f"/api/v1/answers/{asked['answer']['id']}/file", params=wanted)


def test_every_row_in_every_kind(client):
    reply = asked(client)
    csv, xlsx, parquet = (file_of(client, reply, format=f) for f in ("csv", "xlsx", "parquet"))
    assert csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"answer-{reply['answer']['id']}.csv" in csv.headers["content-disposition"]
    assert (csv.headers["row-count"], csv.headers["truncated"]) == ("250", "false")
    assert csv.content.decode("utf-8-sig").split()[:3] == ["amount", "0", "1"]
    sheet = zipfile.ZipFile(io.BytesIO(xlsx.content)).read("xl/worksheets/sheet1.xml")
    assert sheet.count(b"<row ") == 251
    assert pq.read_table(io.BytesIO(parquet.content)).num_rows == 250
    assert file_of(client, reply, format="exe").status_code == 422


def test_what_is_here_is_not_run_again_and_what_a_limit_cut_off_is(client, shop):
    asked_rows = asked(client)
    file_of(client, asked_rows)
    assert [record.interface for record in shop.audit.every()] == ["api"]
    shop.engine.most = 3
    cut = asked(client, "rows 9")
    shop.engine.most = None
    assert file_of(client, cut).headers["row-count"] == "9"
    assert [r.interface for r in shop.audit.every()][-1] == "export"


def test_a_cost_is_agreed_to_anew(client, shop):
    shop.engine.most = 3
    reply = asked(client, "costly rows 9", confirmed=True)
    shop.engine.most = None
    asking = file_of(client, reply)
    assert asking.status_code == 422
    assert "above which you are asked first" in asking.json()["detail"]
    assert "confirmed=true" in asking.json()["hint"]
    assert file_of(client, reply, confirmed=True).status_code == 200


def test_of_a_kept_conversation_long_after(client, client_of, people):
    reply = asked(client, "rows 1200", keep=True)
    conversation = reply["conversation_id"]
    later = client_of()
    assert file_of(later, reply).status_code == 404
    assert file_of(later, reply, conversation_id=conversation).headers["row-count"] == "1200"
    assert file_of(people[1], reply, conversation_id=conversation).status_code == 404
    refused = asked(client, "pay", conversation_id=conversation)
    assert file_of(client, refused, conversation_id=conversation).status_code == 404


def test_it_is_for_the_person_who_asked(people):
    ann, bob = people
    assert file_of(bob, asked(ann)).status_code == 404


def test_what_the_policy_or_the_kind_of_file_cannot_hold(client, monkeypatch):
    def too_large(*_args):
        raise ResultTooLarge("A sheet holds fewer rows.", hint="Take it as CSV.")

    monkeypatch.setattr("nlq_ui.whole.write_result", too_large)
    response = file_of(client, asked(client))
    assert (response.status_code, response.json()["hint"]) == (422, "Take it as CSV.")


def test_it_counts_among_the_questions_on_their_way(client_of, shop):
    client = client_of(questions=1)
    reply = asked(client)
    waiting = threading.Thread(
        target=client.post, args=("/api/v1/ask",),
        kwargs={"json": {"question": "forever", "question_id": "long"}},
    )  # fmt: skip
    waiting.start()
    assert shop.engine.running.wait(10)
    assert file_of(client, reply).status_code == 429
    client.post("/api/v1/questions/long/cancel")
    waiting.join(10)
    give_up = time.monotonic() + 10
    while file_of(client, reply).status_code == 429:
        assert time.monotonic() < give_up
