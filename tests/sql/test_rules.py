"""Every rule in the code is documented, and some case proves that it refuses."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import yaml

import nlq
from nlq.sql.limits import Limits

SQL = Path(nlq.__file__).parent / "sql"
DOC = (Path(nlq.__file__).parents[1] / "docs/guardrails.md").read_text("utf-8")
RULES, POLICY = DOC.split("## The policy file")
TESTS = Path(__file__).parent


def rules() -> set[str]:
    found = set()
    for path in SQL.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "GuardRefused":
                name = node.args[0]
                assert isinstance(name, ast.Constant), f"{path}: a rule must be a literal"
                found.add(str(name.value))
    return found


def test_every_rule_is_documented_and_every_documented_rule_exists() -> None:
    documented = set(re.findall(r"^\| `([a-z-]+)` \| .+ \| .+ \| .+ \|$", RULES, re.MULTILINE))
    assert documented == rules()


def test_every_rule_is_covered_by_a_case() -> None:
    covered = {
        group["rule"]
        for path in (TESTS / "fixtures/bypass").glob("*.yaml")
        for group in yaml.safe_load(path.read_text("utf-8"))
    }
    unit = set(re.findall(r'rule == "([a-z-]+)"', (TESTS / "test_guard.py").read_text("utf-8")))
    assert rules() - covered - unit == set()


def test_every_limit_is_documented() -> None:
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", POLICY, re.MULTILINE))
    assert documented == set(Limits.__dataclass_fields__)
