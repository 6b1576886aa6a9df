"""Codes of countries and states: a catalog enters, what people call the places leaves.

A column of countries that holds DE and PT needs no doc for people to ask about Germany. Countries
are read by ISO 3166-1 (two or three letters), states and provinces of the United States and Canada
by their two letters, as far as `pycountry` has them. Where docs say what a value means, that stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from nlq.catalog.catalog import Catalog
from nlq.catalog.meanings import is_explained
from nlq.types import ColumnDoc, ValueDoc

Names = tuple[str, ...]
"""What people call a place, the usual name first."""

_OF_COUNTRIES = re.compile(
    r"(?<![a-z])(?:countr(?:y|ies)|nation(?:ality)?|ctry|cntry)(?![a-z])", re.IGNORECASE
)
_OF_STATES = re.compile(r"(?<![a-z])(?:states?|provinces?)(?![a-z])", re.IGNORECASE)
_LEAST_VALUES = 2
"""A single code may be anything."""
_LONGEST_CODE = 3
_WITH_STATES = ("US", "CA")
_ALSO_CALLED = {
    "AE": ("UAE",), "BN": ("Brunei",), "CD": ("Congo",), "CI": ("Ivory Coast",),
    "CV": ("Cape Verde",), "CZ": ("Czech Republic",), "GB": ("UK", "Britain"),
    "KP": ("North Korea",), "LA": ("Laos",), "NL": ("Holland",), "RU": ("Russia",),
    "SY": ("Syria",), "TR": ("Turkey",), "US": ("USA",),
}  # fmt: skip
"""Everyday names that the standard does not have."""


def place_names(catalog: Catalog) -> dict[str, dict[str, Names]]:
    """By ``table.column`` and value, the names of columns all of whose values are such codes."""
    return {
        f"{table.name}.{column.name}": names
        for table in catalog.tables.values()
        for column in table.columns
        if (names := _names(column))
    }


def with_places(catalog: Catalog, places: Mapping[str, Mapping[str, Names]]) -> Catalog:
    """The catalog with those names as meanings, in columns none of whose values has one."""
    tables = dict(catalog.tables)
    for name in {key.rpartition(".")[0] for key in places} & tables.keys():
        columns = tables[name].columns
        named = tuple(_named(c, places.get(f"{name}.{c.name}", {})) for c in columns)
        tables[name] = replace(tables[name], columns=named)
    return replace(catalog, tables=tables)


def _named(column: ColumnDoc, names: Mapping[str, Names]) -> ColumnDoc:
    if not names or is_explained(column):
        return column
    return replace(column, values=tuple(_doc(value, names) for value in column.values))


def _doc(value: ValueDoc, names: Mapping[str, Names]) -> ValueDoc:
    told = names.get(value.value)
    return ValueDoc(value.value, told[0], told[1:]) if told else value


def _names(column: ColumnDoc) -> dict[str, Names]:
    values = [value.value for value in column.values]
    about = f"{column.name.replace('_', ' ')} {column.description}"
    if len(values) < _LEAST_VALUES or max(map(len, values)) > _LONGEST_CODE:
        return {}
    if is_explained(column):
        return {}
    kinds = ((_OF_COUNTRIES, _countries), (_OF_STATES, _states))
    for known in (names() for pattern, names in kinds if pattern.search(about)):
        if known.keys() >= set(values):
            return {value: known[value] for value in values}
    return {}


def _countries() -> dict[str, Names]:
    from pycountry import countries

    return dict(entry for country in countries for entry in _country(country))


def _country(country: Any) -> Iterator[tuple[str, Names]]:
    official = getattr(country, "official_name", country.name)
    called = (getattr(country, "common_name", country.name), country.name, official)
    plain = (name for name in called if "," not in name)  # not "Korea, Republic of"
    codes = (country.alpha_2, country.alpha_3)
    names = tuple(dict.fromkeys((*plain, *_ALSO_CALLED.get(country.alpha_2, ()))))
    for code in codes:
        yield code, tuple(name for name in names or (country.name,) if name != code)


def _states() -> dict[str, Names]:
    from pycountry import subdivisions

    return {
        state.code.partition("-")[2]: (state.name,)
        for state in subdivisions
        if state.country_code in _WITH_STATES
    }
