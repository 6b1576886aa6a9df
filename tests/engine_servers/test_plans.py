"""Plans in the engines' forms: sums of what is known, and unknown where anything is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nlq.engine.trino_client_plans import from_distributed_plan, from_io_plan
from nlq.types import Estimate


def io_plan(*estimates: Any) -> str:
    return json.dumps({"inputTableColumnInfos": [{"estimate": e} for e in estimates]})


def presto_plan(*estimates: list[dict[str, Any]], name: str = "ScanFilterProject") -> str:
    scans = [{"name": name, "children": [], "estimates": estimate} for estimate in estimates]
    far = {"name": "RemoteSource", "children": [], "estimates": []}
    top = {"name": "Output", "children": [far], "estimates": [{"outputRowCount": 1.0}]}
    return json.dumps(
        {
            "0": {"plan": top},
            "1": {"plan": {"name": "Join", "children": scans, "estimates": []}},
        }
    )


KNOWN = {"outputRowCount": 10.0, "outputSizeInBytes": 100.0}
NAN = {"outputRowCount": "NaN", "outputSizeInBytes": "NaN"}


@pytest.mark.parametrize(
    ("plan", "wanted"),
    [
        (io_plan(KNOWN, KNOWN), Estimate(20, 200)),
        (io_plan(KNOWN, NAN), Estimate()),
        (io_plan(KNOWN, {**KNOWN, "outputSizeInBytes": "NaN"}), Estimate(20, None)),
        (io_plan(KNOWN, None), Estimate()),
        (io_plan({"outputRowCount": 0.0, "outputSizeInBytes": 0.0}), Estimate()),
        (io_plan({"outputRowCount": -1.0, "outputSizeInBytes": True}), Estimate()),
        (io_plan(), Estimate(0, 0)),
        ("{}", Estimate()),
        ("[]", Estimate()),
        ("Fragment 0 [SINGLE]", Estimate()),
        ('{"inputTableColumnInfos": [3]}', Estimate()),
    ],
)
def test_of_an_io_plan(plan, wanted) -> None:
    assert from_io_plan(plan) == wanted


def columns(**widths: float | str) -> dict[str, Any]:
    return {
        f"{name}<{name}>": {"averageRowSize": width, "nullsFraction": 0.0}
        for name, width in widths.items()
    }


@pytest.mark.parametrize(
    ("plan", "wanted"),
    [
        (presto_plan([{"outputRowCount": 10.0, "totalSize": 80.0}]), Estimate(10, 80)),
        # the scan comes first, then what the filter leaves
        (presto_plan([KNOWN, {"outputRowCount": 3.0}]), Estimate(10, 100)),
        (presto_plan([KNOWN], [NAN]), Estimate()),
        (
            presto_plan(
                [
                    {
                        "outputRowCount": 10.0,
                        "totalSize": "NaN",
                        "variableStatistics": columns(varchar=7.5, bigint="NaN"),
                    }
                ]
            ),
            Estimate(10, 155),
        ),
        (
            presto_plan([{"outputRowCount": 9.0, "variableStatistics": columns(json="NaN")}]),
            Estimate(9, None),
        ),
        (presto_plan([{"outputRowCount": 9.0, "variableStatistics": {}}]), Estimate(9, None)),
        # PrestoDB is "confident" that a table which was never analysed has no rows
        (presto_plan([{"outputRowCount": 0.0, "totalSize": 0.0}]), Estimate()),
        (presto_plan([]), Estimate()),
        (presto_plan([KNOWN], name="Values"), Estimate(0, 0)),
        ("{}", Estimate()),
        ("no json", Estimate()),
    ],
)
def test_of_a_distributed_plan(plan, wanted) -> None:
    assert from_distributed_plan(plan) == wanted
