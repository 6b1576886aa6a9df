"""Plans in the engines' forms: what each scan reads, and unknown where that is not understood."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nlq.engine.trino_client_plans import Key, Scan, Span, scans_of

PRESTO_TABLE = (
    "[table = TableHandle {connectorId='lake', connectorHandle='HiveTableHandle{schemaName=events, "
    "tableName=calls, analyzePartitionValues=Optional.empty}', layout='Optional[events.calls{}]'}]"
)


def presto_plan(*scans: dict[str, Any], name: str = "ScanFilterProject") -> str:
    nodes = [{"name": name, "children": [], "details": "", **scan} for scan in scans]
    far = {"name": "RemoteSource", "children": [], "estimates": []}
    top = {"name": "Output", "children": [far], "estimates": [{"outputRowCount": 1.0}]}
    return json.dumps(
        {
            "0": {"plan": top},
            "1": {"plan": {"name": "Join", "children": nodes, "estimates": []}},
        }
    )


def trino_plan(*scans: dict[str, Any]) -> str:
    nodes = [{"name": "TableScan", "children": [], "details": [], **scan} for scan in scans]
    return json.dumps({"0": {"name": "Output", "children": nodes, "estimates": []}})


def columns(**widths: float | str) -> dict[str, Any]:
    return {
        f"{name}<{name}>": {"averageRowSize": width, "nullsFraction": 0.0}
        for name, width in widths.items()
    }


NAN = {"outputRowCount": "NaN", "totalSize": "NaN", "outputSizeInBytes": "NaN", "cpuCost": "NaN"}
TOTAL_NAN = {"outputRowCount": 10.0, "totalSize": "NaN"}


@pytest.mark.parametrize(
    ("estimates", "rows", "size_bytes"),
    [
        ([{"outputRowCount": 10.0, "totalSize": 80.0}], 10, 80),
        # the scan comes first, then what the filter leaves
        ([{"outputRowCount": 10.0, "totalSize": 80.0}, {"outputRowCount": 3.0}], 10, 80),
        ([NAN], None, None),
        ([TOTAL_NAN], 10, None),
        ([{**TOTAL_NAN, "variableStatistics": columns(varchar=7.5, bigint="NaN")}], 10, 155),
        ([{**TOTAL_NAN, "variableStatistics": columns(json="NaN", bigint="NaN")}], 10, None),
        ([{**TOTAL_NAN, "variableStatistics": {}}], 10, None),
        # PrestoDB is "confident" that a table which was never analysed has no rows
        ([{"outputRowCount": 0.0, "totalSize": 0.0}], None, None),
        ([{"outputRowCount": -1.0, "totalSize": True}], None, None),
        ([], None, None),
        ({}, None, None),
        # Trino: what it passes on, and what it reads
        ([{"outputRowCount": 10.0, "outputSizeInBytes": 90.0, "cpuCost": 240.0}], 10, 240),
        ([{"outputRowCount": 10.0, "outputSizeInBytes": 90.0, "cpuCost": "NaN"}], 10, 90),
    ],
)
def test_rows_and_bytes_of_a_scan(estimates, rows, size_bytes) -> None:
    for plan in (presto_plan, trino_plan):
        assert scans_of(plan({"estimates": estimates})) == (Scan("", rows, size_bytes),)


def test_every_scan_counts_also_two_of_the_same_table() -> None:
    one = {"estimates": [{"outputRowCount": 5.0, "totalSize": 40.0}]}
    assert scans_of(presto_plan(one, one)) == (Scan("", 5, 40), Scan("", 5, 40))
    assert scans_of(presto_plan(one, name="TableScan")) == (Scan("", 5, 40),)


@pytest.mark.parametrize("text", ["{}", "[]", "3", "no json", "Fragment 0 [SINGLE]"])
def test_what_is_no_plan(text) -> None:
    assert scans_of(text) is None


def test_a_plan_without_scans_reads_nothing() -> None:
    assert scans_of(presto_plan({"estimates": []}, name="Values")) == ()


def test_the_table_is_named_where_the_plan_tells_it() -> None:
    told = scans_of(presto_plan({"identifier": PRESTO_TABLE}, {"identifier": "tpch:tiny"}))
    assert [scan.table for scan in told or ()] == ["lake.events.calls", ""]
    told = scans_of(
        trino_plan(
            {"descriptor": {"table": "lake:events:calls constraint on [ds, status]"}},
            {"descriptor": {"table": "tpch:sf1:lineitem"}},
            {"descriptor": {}},
        )
    )
    assert [scan.table for scan in told or ()] == ["lake.events.calls", "tpch.sf1.lineitem", ""]


def one(value: str) -> Span:
    return Span(value, value)


PRESTO_KEY = "LAYOUT: events.calls{}\nn := n:bigint:8:REGULAR (1:66)\n"


@pytest.mark.parametrize(
    ("details", "keys"),
    [
        ("a := a:bigint:8:REGULAR (1:66)\n", ()),
        (
            PRESTO_KEY + 'ds:string:-13:PARTITION_KEY\n    :: [["2026-05-01"], ["2026-05-02"]]\n',
            (Key("ds", "string", (one("2026-05-01"), one("2026-05-02"))),),
        ),
        (
            'ds_7 := ds:string:-13:PARTITION_KEY (1:66)\n    :: [["2024-01-01", "2026-07-14"]]\n'
            "x := x:int:3:REGULAR",
            (Key("ds", "string", (Span("2024-01-01", "2026-07-14"),)),),
        ),
        (
            'ds:date:-13:PARTITION_KEY\n    :: [NULL, ["a, b"], ("c", "d]"), (<min>, "e"]]\n',
            (
                Key(
                    "ds",
                    "date",
                    (one("a, b"), Span("c", "d]", False, False), Span(None, "e", False, True)),
                    with_null=True,
                ),
            ),
        ),
        ('r:string:-1:PARTITION_KEY\n    :: [[""]]', (Key("r", "string", (one(""),)),)),
        ("r:string:-1:PARTITION_KEY\n    :: [NULL]", (Key("r", "string", (), with_null=True),)),
        ('r:string:-1:PARTITION_KEY\n    :: [["a\\"b"]]', None),
        ("r:string:-1:PARTITION_KEY\n    :: [ALL VALUES]", None),
        ("r:string:-1:PARTITION_KEY\n", None),
        ("r:string:-1:PARTITION_KEY\n    :: nothing known", None),
        (None, None),
    ],
)
def test_partition_columns_as_prestodb_tells_them(details, keys) -> None:
    told = scans_of(presto_plan({"details": details, "estimates": []}))
    assert told == (Scan(keys=keys),)


@pytest.mark.parametrize(
    ("details", "keys"),
    [
        (["a := a:bigint:REGULAR"], ()),
        (
            ["n := n:bigint:REGULAR", "ds:string:PARTITION_KEY", "    :: [[2026-05-01], [x y]]"],
            (Key("ds", "string", (one("2026-05-01"), one("x y"))),),
        ),
        (
            [
                "year := year:int:PARTITION_KEY",
                "    :: [[2024, 2026]]",
                "m:decimal(4,1):PARTITION_KEY",
                "    :: [NULL, (5, <max>)]",
            ],
            (
                Key("year", "int", (Span("2024", "2026"),)),
                Key("m", "decimal(4,1)", (Span("5", None, False, False),), with_null=True),
            ),
        ),
        (["r:string:PARTITION_KEY", "    :: [[a [b]]]"], None),  # values are not quoted here
        (["r:string:PARTITION_KEY", "    :: [[a, b, c]]"], None),
    ],
)
def test_partition_columns_as_trino_tells_them(details, keys) -> None:
    assert scans_of(trino_plan({"details": details, "estimates": []})) == (Scan(keys=keys),)
