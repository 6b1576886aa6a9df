"""What codes of countries and states stand for."""

from __future__ import annotations

import pytest

from nlq.catalog.catalog import Catalog
from nlq.catalog.places import place_names, with_places
from nlq.types import ColumnDoc, TableDoc, ValueDoc


def lake(name: str, *values: str, description: str = "", meaning: str = "") -> Catalog:
    docs = tuple(ValueDoc(value, meaning) for value in values)
    column = ColumnDoc(name, "varchar", description, values=docs)
    return Catalog({"lake.crm.guests": TableDoc("lake.crm.guests", (column,))})


def named(catalog: Catalog) -> tuple[ValueDoc, ...]:
    explained = with_places(catalog, place_names(catalog))
    return explained.tables["lake.crm.guests"].columns[0].values


@pytest.mark.parametrize(
    ("catalog", "told"),
    [
        (lake("country", "DE", "VN"), {"DE": "Germany", "VN": "Vietnam"}),
        (lake("country_code", "DEU", "KOR"), {"DEU": "Germany", "KOR": "South Korea"}),
        (lake("ctry", "DE", "FR"), {"DE": "Germany", "FR": "France"}),
        (lake("home", "DE", "CA", description="Country of residence."),
         {"DE": "Germany", "CA": "Canada"}),
        (lake("state", "CA", "TX"), {"CA": "California", "TX": "Texas"}),
        (lake("state", "QC", "NY"), {"QC": "Quebec", "NY": "New York"}),
    ],
)  # fmt: skip
def test_codes_of_places_have_their_names(catalog: Catalog, told: dict[str, str]) -> None:
    assert {value.value: value.meaning for value in named(catalog)} == told


def test_everyday_names_count_too() -> None:
    britain, states = named(lake("country", "GB", "US"))
    assert {"United Kingdom", "UK"} <= {britain.meaning, *britain.synonyms}
    assert {"United States", "USA"} <= {states.meaning, *states.synonyms}
    assert "USA" not in named(lake("country", "GBR", "USA"))[1].synonyms


@pytest.mark.parametrize(
    "catalog",
    [
        lake("language", "DE", "FR"),
        lake("state", "OPEN", "SENT"),
        lake("state", "OK", "KO"),
        lake("state", "OK"),
        lake("country", "DE", "XX"),
        lake("country", "DE", "FR", meaning="what people wrote"),
    ],
)
def test_other_columns_are_left_as_they_are(catalog: Catalog) -> None:
    assert place_names(catalog) == {}
    assert named(catalog) == catalog.tables["lake.crm.guests"].columns[0].values
