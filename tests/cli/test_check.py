from __future__ import annotations

import json
from pathlib import Path

from command import nlq

GOOD = "SELECT prd_cd, count(*) AS lines FROM lake.finance.revenue_lines GROUP BY 1"


def test_sql_that_passes_is_status_0_and_shows_what_would_be_sent(tmp_path: Path) -> None:
    file = tmp_path / "query.sql"
    file.write_text(GOOD)
    ran = nlq("check", str(file))
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("Passed; it reads lake.finance.revenue_lines.\n")
    assert "LIMIT 1000" in ran.out


def test_standard_input_is_checked_too_and_json_carries_the_facts() -> None:
    ran = nlq("check", "-", "--json", stdin=GOOD)
    verdict = json.loads(ran.out)
    assert verdict["passed"] is True
    assert verdict["guarded"]["tables"] == ["lake.finance.revenue_lines"]
    assert not any(key.startswith("_") for key in verdict["guarded"])


def test_sql_that_is_refused_is_status_5_and_names_rule_reason_and_hint() -> None:
    ran = nlq("check", "-", stdin="DROP TABLE lake.finance.revenue_lines")
    assert ran.status == 5
    assert ran.out.startswith("Refused by the rule reads-only: ")
    verdict = json.loads(nlq("check", "-", "--json", stdin="DROP TABLE t").out)
    assert verdict["passed"] is False
    assert verdict["rule"] == "reads-only"
    assert verdict["message"]


def test_another_persons_rights_are_used() -> None:
    assert nlq("check", "-", "--as", "nobody", stdin=GOOD).status == 5


def test_a_file_that_is_not_there_is_status_2() -> None:
    ran = nlq("check", "missing.sql")
    assert ran.status == 2
    assert ran.err.startswith("nlq: The file missing.sql cannot be read")
