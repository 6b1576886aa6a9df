from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from nlq_ui.api.problems import TYPES

PAGE = (Path(__file__).parents[3] / "docs/api.md").read_text("utf-8")


def test_every_route_is_documented(client):
    described = client.get("/api/v1/openapi.json").json()["paths"]
    for path, methods in described.items():
        for method, operation in methods.items():
            assert f"| `{method.upper()} {path}" in PAGE
            assert operation["summary"]
            assert operation["description"]


def test_every_problem_is_documented():
    rows = re.findall(r"^\| (\d+) \| `urn:nlq:([\w-]+)` \|", PAGE, re.M)
    assert {int(status): kind for status, kind in rows} == TYPES


def test_what_is_referred_to_is_there_and_fields_have_examples(client):
    described = client.get("/api/v1/openapi.json").json()
    schemas = described["components"]["schemas"]
    referred = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described)))
    assert referred <= set(schemas)
    assert {"StageStartedEvent", "StageFinishedEvent", "ProgressEvent"} <= referred
    assert schemas["AskRequest"]["properties"]["question"]["examples"]


def test_every_request_names_a_token_but_those_for_health(client):
    for path, methods in client.get("/api/v1/openapi.json").json()["paths"].items():
        for operation in methods.values():
            assert ("security" in operation) == path.startswith("/api/")


def test_the_commands_start_without_the_web() -> None:
    code = (
        "import sys; from nlq.cli.app import app; from typer.testing import CliRunner; "
        "done = CliRunner().invoke(app, ['--help']); assert done.exit_code == 0; "
        "print(sorted({'fastapi', 'starlette', 'uvicorn', 'gradio', 'nlq_ui'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
