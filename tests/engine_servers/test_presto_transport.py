"""PrestoDB's signatures and values, as recorded from 0.287, in the client's terms."""

from __future__ import annotations

from typing import Any

import pytest

from nlq.cancel import CancelToken
from nlq.engine.presto_transport import decoder, signature
from nlq.engine.trino_client_engine import PrestoEngine
from nlq.types import RunLimits


def plain(kind: str, *numbers: int) -> dict[str, Any]:
    arguments = [{"kind": "LONG_LITERAL", "value": number} for number in numbers]
    return {"rawType": kind, "typeArguments": [], "literalArguments": [], "arguments": arguments}


def nested(kind: str, *inner: dict[str, Any]) -> dict[str, Any]:
    return {
        "rawType": kind, "typeArguments": list(inner), "literalArguments": [],
        "arguments": [{"kind": "TYPE_SIGNATURE", "value": value} for value in inner],
    }  # fmt: skip


def row(**fields: dict[str, Any]) -> dict[str, Any]:
    names = [None if name.startswith("_") else name for name in fields]
    return {
        "rawType": "row", "typeArguments": list(fields.values()), "literalArguments": names,
        "arguments": [
            {"kind": "NAMED_TYPE_SIGNATURE", "value": {"typeSignature": field["rawType"]}}
            for field in fields.values()
        ],
    }  # fmt: skip


BIGINT = plain("bigint")


def test_lengths_precisions_and_scales() -> None:
    assert signature(plain("decimal", 22, 2)) == {
        "rawType": "decimal",
        "arguments": [{"kind": "LONG", "value": 22}, {"kind": "LONG", "value": 2}],
    }
    assert signature(BIGINT) == {"rawType": "bigint", "arguments": []}


@pytest.mark.parametrize(
    "kind", ["time", "time with time zone", "timestamp", "timestamp with time zone"]
)
def test_moments_have_milliseconds(kind) -> None:
    assert signature(plain(kind))["arguments"] == [{"kind": "LONG", "value": 3}]


def test_a_nameless_field_has_a_name_object_too() -> None:
    assert signature(row(x=BIGINT, _1=nested("array", BIGINT)))["arguments"] == [
        {
            "kind": "NAMED_TYPE",
            "value": {"fieldName": {"name": "x"}, "typeSignature": signature(BIGINT)},
        },
        {
            "kind": "NAMED_TYPE",
            "value": {
                "fieldName": {"name": None},
                "typeSignature": {
                    "rawType": "array",
                    "arguments": [{"kind": "TYPE", "value": signature(BIGINT)}],
                },
            },
        },
    ]


def test_scalars_pass_as_they_are() -> None:
    assert decoder(BIGINT) is None
    assert decoder(plain("varchar", 3)) is None
    assert decoder(plain("timestamp")) is None


@pytest.mark.parametrize(
    ("type_", "sent", "wanted"),
    [
        (nested("array", BIGINT), None, None),
        (nested("array", BIGINT), "[ 1, null ]", [1, None]),
        (nested("array", BIGINT), [1, None], [1, None]),
        (nested("array", plain("double")), '[ 1.5, "NaN" ]', [1.5, "NaN"]),
        (nested("array", BIGINT), "[ 9223372036854775807 ]", [9223372036854775807]),
        (nested("array", plain("varchar")), '[ "[ 1 ]" ]', ["[ 1 ]"]),
        (nested("map", BIGINT, plain("varchar")), '{\n  "1" : "x"\n}', {"1": "x"}),
        (
            nested("array", nested("map", plain("varchar"), nested("array", BIGINT))),
            r'[ "{\n  \"a\" : \"[ 1 ]\"\n}" ]',
            [{"a": [1]}],
        ),
        (
            nested("map", plain("time with time zone"), BIGINT),
            '{ "01:00:00.000 UTC": 1 }',
            {"01:00:00.000+00:00": 1},
        ),
        (
            nested("map", nested("array", plain("varchar")), nested("array", BIGINT)),
            r'{ "[ \"a, b\" ]": "[ 1 ]", "[ ]": null }',
            [[["a, b"], [1]], [[], None]],
        ),
        (
            nested("map", nested("map", BIGINT, BIGINT), BIGINT),
            r'{ "{ \"1\" : 2 }": 3 }',
            [[{"1": 2}, 3]],
        ),
        (
            row(x=BIGINT, z=nested("array", BIGINT), r=row(q=BIGINT)),
            '[ 1, "[ 2 ]", "[ 3 ]" ]',
            [1, [2], [3]],
        ),
        (row(x=BIGINT, z=nested("array", BIGINT)), {"x": 1, "z": [2]}, [1, [2]]),
    ],
)
def test_structured_values_are_opened_at_every_level(type_, sent, wanted) -> None:
    decode = decoder(type_)
    assert decode is not None
    assert decode(sent) == wanted


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ("01:02:03.500 UTC", "01:02:03.500+00:00"),
        ("01:02:03.500 Europe/Berlin", "01:02:03.500+01:00"),
        ("01:02:03.500 America/St_Johns", "01:02:03.500-03:30"),
        ("01:02:03.500 +05:30", "01:02:03.500+05:30"),
        (None, None),
    ],
)
def test_a_time_takes_its_zones_offset_at_the_epoch(sent, wanted) -> None:
    decode = decoder(plain("time with time zone"))
    assert decode is not None
    assert decode(sent) == wanted


def test_later_pages_are_translated_as_the_first(cluster, guarded) -> None:
    columns = [
        {"name": "a", "type": "array(bigint)", "typeSignature": nested("array", BIGINT)},
        {"name": "m", "type": "bigint", "typeSignature": BIGINT},
    ]
    cluster.scripts = {
        "SELECT": [
            {},
            {"columns": columns},
            {"columns": columns, "data": [["[ 1 ]", 7]]},
            {"columns": columns, "data": [["[ 2 ]", 8], [None, None]]},
        ]
    }
    result = PrestoEngine(cluster.url).run(guarded("SELECT a"), RunLimits(), CancelToken())
    assert result.rows == (([1], 7), ([2], 8), (None, None))
