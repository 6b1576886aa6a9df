"""How many people nlq serves at once, and whether its memory stays flat; for docs/load.md.

A real ``nlq serve`` answers over the sample lake: sign-in by proxy headers, retrieval, guard,
DuckDB. People ask through the API's events, or through the page's queue as a browser does. Only the
chat model is scripted: a server on loopback that waits as long as it is told and writes a query
with the asker's own mark in it. Half of the people are analysts, half may see EMEA alone; every
answer is checked for its mark and for its rights.

Asking and the scripted model take time of the processor too: "its asking", in this process.
Times are given as a ratio of one person's, measured in the same run: a machine that does other
work is slower at both.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx2

QUESTION = "How many accounts are there by region, marked {mark}?"
SQL = """SELECT region, '{mark}' AS mark, count(*) AS accounts
FROM lake.crm.accounts WHERE '{mark}' = '{mark}' GROUP BY region ORDER BY region"""
GROUPS = ("analyst", "sales_emea")
REGIONS = {"AMER", "APAC", "EMEA", "LATAM"}

Ask = Callable[[httpx2.AsyncClient, "Person", str, "Tally"], Awaitable[None]]
"""Somebody asks one question, and its time is noted."""


NLQ = (sys.executable, "-c", "from nlq.cli.app import main; main()")


def say(line: object) -> None:
    """Print a line at once, where a file is written to too."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Model:
    """What the scripted chat model does: how long it takes, seconds, and how often it was asked."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.asked = 0


class _Handler(BaseHTTPRequestHandler):
    model: Model

    def do_POST(self) -> None:
        """One chat completion, as events."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        mark = re.findall(r"marked (\w+)", json.dumps(body["messages"][-1]))[-1]
        self.model.asked += 1
        time.sleep(self.model.seconds)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        delta = {"role": "assistant", "content": SQL.format(mark=mark)}
        for choice in ({"delta": delta}, {"delta": {}, "finish_reason": "stop"}):
            chunk = {
                "id": mark,
                "object": "chat.completion.chunk",
                "created": 0,
                "model": "scripted",
                "choices": [{"index": 0, "finish_reason": None, **choice}],
            }
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _ManyAtOnce(ThreadingHTTPServer):
    request_queue_size = 512


@contextmanager
def scripted_model() -> Iterator[tuple[Model, str]]:
    """The chat model's server and its address."""
    model = Model()
    server = _ManyAtOnce(("127.0.0.1", 0), type("Handler", (_Handler,), {"model": model}))
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    try:
        yield model, f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Served:
    """The server process."""

    address: str
    process: subprocess.Popen[str]

    def rss_bytes(self) -> int:
        """Memory that it holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) * 1024

    def processor_s(self) -> float:
        """Seconds of processor that it has used."""
        parts = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")

    def threads(self) -> int:
        """Threads that it has."""
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    def files(self) -> int:
        """Files and sockets that it has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


@contextmanager
def serving(home: Path, model: str) -> Iterator[Served]:
    """``nlq serve`` over a lake, with that chat model."""
    groups = {group: [group] for group in GROUPS}
    settings = {
        "NLQ_HOME": str(home),
        "NLQ_LLM__PROVIDER": "openai",
        "NLQ_LLM__BASE_URL": model,
        "NLQ_DRAFTING__METRICS": "false",
        "NLQ_DRAFTING__GROUND": "false",
        "NLQ_SERVE__PROXY__ADDRESSES": '["127.0.0.1"]',
        "NLQ_SERVE__GROUPS": json.dumps(groups),
    }
    process = subprocess.Popen(
        [*NLQ, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **settings},
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"HTTP API is at (http://\S+?)api/v1/", line):
                yield Served(found[1], process)
                return
        raise SystemExit("The server ended; see above.")
    finally:
        process.terminate()
        process.wait(20)


@dataclass(frozen=True)
class Person:
    """Somebody who asks; every question has a mark of its own."""

    number: int

    @property
    def headers(self) -> dict[str, str]:
        """What the proxy says of them."""
        return {
            "X-Forwarded-User": f"person{self.number}",
            "X-Forwarded-Groups": GROUPS[self.number % len(GROUPS)],
        }

    def check(self, mark: str, answer: dict[str, Any]) -> str:
        """What is wrong with an answer; empty where nothing is."""
        rows = (answer.get("result") or {}).get("rows") or []
        if answer["kind"] != "answer" or not rows:
            return f"{answer['kind']}: {answer['headline']}"
        return self.fault(mark, {row[1] for row in rows}, {row[0] for row in rows})

    def check_page(self, mark: str, shown: str) -> str:
        """What is wrong with what a page shows; empty where nothing is."""
        cells = set(re.findall(r"<td[^>]*>([^<]*)</td>", shown))
        marks = {cell for cell in cells if re.fullmatch(r"[a-z]\d+x?\d*", cell)}
        return self.fault(mark, marks, cells & REGIONS)

    def fault(self, mark: str, marks: set[str], regions: set[str]) -> str:
        """What is wrong with these marks and regions; empty where nothing is."""
        if marks != {mark}:
            return f"the marks {sorted(marks)} in place of {mark}"
        if self.number % 2 and regions != {"EMEA"}:
            return f"regions beyond one's rights: {sorted(regions)}"
        if not self.number % 2 and len(regions) < 2:
            return f"regions that are missing: only {sorted(regions)}"
        return ""


@dataclass
class Tally:
    """Seconds of the questions, and what was wrong."""

    seconds: list[float] = field(default_factory=list)
    first_sign: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


async def ask_api(client: httpx2.AsyncClient, person: Person, mark: str, tally: Tally) -> None:
    """Ask one question of the API by events, and note its time."""
    began, name, shown = time.perf_counter(), "", 0.0
    body = {"question": QUESTION.format(mark=mark), "conversation_id": f"c{mark}"}
    headers = {**person.headers, "Accept": "text/event-stream"}
    try:
        async with client.stream("POST", "api/v1/ask", json=body, headers=headers) as response:
            if response.status_code != 200:
                tally.wrong.append(f"status {response.status_code}")
                return
            async for line in response.aiter_lines():
                shown = shown or time.perf_counter() - began
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: ") and name in ("answer", "problem"):
                    told = json.loads(line[6:])
                    fault = person.check(mark, told["answer"]) if name == "answer" else line
                    if fault:
                        tally.wrong.append(fault)
                    tally.seconds.append(time.perf_counter() - began)
                    tally.first_sign.append(shown)
                    return
            tally.wrong.append("no answer")
    except httpx2.HTTPError as error:
        tally.wrong.append(repr(error))


class PageQueue:
    """The page's own queue, spoken to as the browser does; ``events`` are how many each got."""

    def __init__(self, address: str) -> None:
        self.events: list[int] = []
        config = httpx2.get(
            f"{address}config", headers=Person(0).headers, timeout=60, trust_env=False
        ).json()
        self._box = next(
            part["id"] for part in config["components"] if part["props"].get("elem_id") == "nlq-box"
        )
        self._event = next(
            event["id"]
            for event in config["dependencies"]
            if [self._box, "submit"] in event["targets"]
        )

    async def ask(
        self, client: httpx2.AsyncClient, person: Person, mark: str, tally: Tally
    ) -> None:
        """Ask one question in a tab of its own, and note its time."""
        began, shown, told, events = time.perf_counter(), 0.0, "", 0
        tab = f"tab-{mark}"
        body = {
            "data": [QUESTION.format(mark=mark), None],
            "event_data": None,
            "fn_index": self._event,
            "trigger_id": self._box,
            "session_hash": tab,
        }
        try:
            joined = await client.post("gradio_api/queue/join", json=body, headers=person.headers)
            joined.raise_for_status()
            async with client.stream(
                "GET", f"gradio_api/queue/data?session_hash={tab}", headers=person.headers
            ) as response:
                response.raise_for_status()
                async for line in response.aiter_lines():
                    if not line.startswith("data: "):
                        continue
                    told, events = told + line, events + 1
                    message = json.loads(line[6:])["msg"]
                    if message == "process_generating":
                        shown = shown or time.perf_counter() - began
                    if message in ("process_completed", "unexpected_error"):
                        break
            self.events.append(events)
            fault = person.check_page(mark, told.replace('\\"', '"'))
            if fault:
                tally.wrong.append(fault)
            tally.seconds.append(time.perf_counter() - began)
            tally.first_sign.append(shown)
        except httpx2.HTTPError as error:
            tally.wrong.append(repr(error))


def at(values: list[float], share: float) -> float:
    """A percentile of some values."""
    return quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


async def crowd(
    served: Served, ask: Ask, people: int, rounds: int, *, alone_first: int = 5, most: float = inf
) -> bool:
    """Print how long one person waits, and then everybody at once; whether all was well.

    One person asks ``alone_first`` times. The 95th percentile of everybody may be ``most`` times
    as long as one person's.
    """
    limits = httpx2.Limits(max_connections=2 * people + 5)
    async with httpx2.AsyncClient(
        base_url=served.address, timeout=300, limits=limits, trust_env=False
    ) as client:
        say("| round | one person, median | all at once, median | 95th percentile | ratio |"
              " first sign, 95th | processor a question | its asking | wrong |")  # fmt: skip
        say("|---|---|---|---|---|---|---|---|---|")
        fine = True
        for number in range(rounds):
            alone, many = Tally(), Tally()
            for turn in range(alone_first):
                await ask(client, Person(turn), f"a{number}x{turn}", alone)
            used, own = served.processor_s(), time.process_time()
            await asyncio.gather(
                *(ask(client, Person(n), f"m{number}x{n}", many) for n in range(people))
            )
            used = (served.processor_s() - used) / people
            own = (time.process_time() - own) / people
            wrong = alone.wrong + many.wrong
            if not (alone.seconds and len(many.seconds) > 1):
                say(wrong)
                return False
            one, late = median(alone.seconds), at(many.seconds, 0.95)
            say(
                f"| {number + 1} | {one:.2f} s | {median(many.seconds):.2f} s | {late:.2f} s |"
                f" {late / one:.2f} | {at(many.first_sign, 0.95):.2f} s | {used * 1000:.0f} ms |"
                f" {own * 1000:.0f} ms | {len(wrong)} |"
            )
            for fault in sorted(set(wrong))[:5]:
                say(f"wrong: {fault}")
            fine = fine and not wrong and len(many.seconds) == people and late <= most * one
    return fine


async def marathon(served: Served, people: int, questions: int, at_once: int = 8) -> bool:
    """Print the server's memory as questions go by; whether all was well."""
    say("| questions | memory | threads | open files | wrong |")
    say("|---|---|---|---|---|")
    tally, numbers, page = Tally(), iter(range(questions)), PageQueue(served.address)
    step = max(1, questions // 8)

    async def one_after_another(client: httpx2.AsyncClient) -> None:
        for number in numbers:
            ask = (ask_api, page.ask)[number % 2]
            await ask(client, Person(number // 2 % people), f"q{number}", tally)
            if (number + 1) % step == 0:
                say(
                    f"| {number + 1:,} | {served.rss_bytes() / 1e6:.0f} MB | {served.threads()} |"
                    f" {served.files()} | {len(tally.wrong)} |"
                )

    async with httpx2.AsyncClient(base_url=served.address, timeout=300, trust_env=False) as client:
        await asyncio.gather(*(one_after_another(client) for _ in range(at_once)))
    for fault in sorted(set(tally.wrong))[:5]:
        say(f"wrong: {fault}")
    return not tally.wrong


def ready(served: Served) -> None:
    """Wait until questions are answered."""
    give_up = time.monotonic() + 300
    while time.monotonic() < give_up:
        if httpx2.get(f"{served.address}readyz", trust_env=False).status_code == 200:
            return
        time.sleep(0.5)
    raise SystemExit("The server did not get ready.")


@contextmanager
def home_of(folder: Path | None) -> Iterator[Path]:
    """A home with a lake and an index: a copy of that one, or a small one made anew."""
    with tempfile.TemporaryDirectory(prefix="nlq-people-") as name:
        home = Path(name) / "home"
        if folder is not None:
            shutil.copytree(folder, home)
        else:
            environment = {**os.environ, "NLQ_HOME": str(home)}
            for step in (["lake", "make", "--scale", "0.05"], ["index", "build"]):
                subprocess.run([*NLQ, *step], check=True, env=environment)
        yield home


def main() -> int:
    """Measure, and say by the exit status whether every answer was right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="a home with lake and index; else one is made")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=3.0, help="what the model takes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--questions", type=int, default=2000, help="for the memory; 0: none")
    wanted = parser.parse_args()
    with home_of(wanted.home) as home, scripted_model() as (model, address):
        with serving(home, address) as served:
            ready(served)
            ways: dict[str, Ask] = {"API": ask_api, "page": PageQueue(served.address).ask}
            for ask in ways.values():
                asyncio.run(crowd(served, ask, 3, 1))  # what is loaded on first use
            model.seconds, fine = wanted.seconds, True
            for name, ask in ways.items():
                say(f"\n{wanted.people} people, the {name}, a model of {wanted.seconds:g} s\n")
                fine = asyncio.run(crowd(served, ask, wanted.people, wanted.rounds)) and fine
        if wanted.questions:
            model.seconds = 0.0
            with serving(home, address) as served:
                ready(served)
                say(f"\n{wanted.questions:,} questions, 8 at a time\n")
                fine = asyncio.run(marathon(served, wanted.people, wanted.questions)) and fine
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
