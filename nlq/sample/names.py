"""Invented names of companies and people."""

from __future__ import annotations

from typing import Final

import numpy as np

from nlq.sample.calendar import Ints

_FIRST: Final = (
    "Alder", "Amber", "Apex", "Arrow", "Aspen", "Atlas", "Beacon", "Birch", "Blue", "Bright",
    "Cedar", "Cinder", "Clear", "Cobalt", "Copper", "Coral", "Crest", "Delta", "Echo", "Elm",
    "Ember", "Fern", "Field", "Flint", "Forge", "Garnet", "Glacier", "Golden", "Granite", "Green",
    "Harbor", "Hazel", "Helio", "High", "Indigo", "Iron", "Ivory", "Jade", "Juniper", "Kestrel",
    "Lark", "Laurel", "Linden", "Lumen", "Maple", "Marble", "Meadow", "Mint", "North", "Nova",
    "Oak", "Ocean", "Olive", "Onyx", "Opal", "Orchard", "Osprey", "Pearl", "Pine", "Prairie",
    "Quartz", "Quill", "Raven", "Red", "Ridge", "River", "Rowan", "Sable", "Saffron", "Sage",
    "Shore", "Silver", "Sky", "Slate", "Spruce", "Stone", "Summit", "Swift", "Tidal", "Timber",
    "Topaz", "Umber", "Vale", "Verdant", "Violet", "Vista", "Walnut", "Wave", "West", "Willow",
)  # fmt: skip
_SECOND: Final = (
    "Analytics", "Apparel", "Bank", "Bikes", "Books", "Capital", "Care", "Clinics", "Cloud",
    "Couriers", "Credit", "Delivery", "Dental", "Digital", "Energy", "Events", "Express",
    "Fashion", "Finance", "Fitness", "Foods", "Freight", "Games", "Goods", "Health", "Homes",
    "Hotels", "Insurance", "Kitchens", "Labs", "Learning", "Logistics", "Market", "Media",
    "Mobility", "Motors", "Music", "Networks", "Outdoors", "Parcel", "Payments", "Pharmacy",
    "Retail", "Rides", "School", "Security", "Software", "Sports", "Stays", "Stores", "Studios",
    "Supply", "Systems", "Taxi", "Tickets", "Tours", "Toys", "Travel", "University", "Wellness",
)  # fmt: skip
_GIVEN: Final = (
    "Ada", "Aisha", "Alan", "Amir", "Ana", "Anton", "Bea", "Bruno", "Carla", "Chen", "Clara",
    "Daniel", "Diego", "Elena", "Emil", "Eva", "Farah", "Felix", "Grace", "Hana", "Hugo", "Ines",
    "Ivan", "Jana", "Jonas", "Kaya", "Kenji", "Lars", "Laura", "Leo", "Lina", "Luis", "Maya",
    "Mila", "Nadia", "Nils", "Nina", "Omar", "Oscar", "Paula", "Pavel", "Priya", "Ravi", "Rosa",
    "Samir", "Sara", "Sofia", "Tariq", "Theo", "Uma", "Vera", "Victor", "Wanda", "Yara", "Zoe",
)  # fmt: skip
_FAMILY: Final = (
    "Abbott", "Almeida", "Andersen", "Bauer", "Bell", "Brandt", "Castro", "Chandra", "Costa",
    "Dahl", "Diaz", "Dubois", "Eriksen", "Fischer", "Fontaine", "Garcia", "Gupta", "Haas",
    "Hansen", "Ibrahim", "Ivanov", "Jansen", "Kaur", "Keller", "Kim", "Kovac", "Lang", "Lopez",
    "Marino", "Meyer", "Moreau", "Mori", "Nair", "Novak", "Olsen", "Ortiz", "Park", "Petrov",
    "Quinn", "Reyes", "Rossi", "Sato", "Schmidt", "Silva", "Singh", "Tanaka", "Torres", "Usman",
    "Vogel", "Wagner", "Walsh", "Weber", "Wong", "Yilmaz", "Young", "Zhang",
)  # fmt: skip


def company_names(rng: np.random.Generator, numbers: Ints) -> list[str]:
    """A name for each account number counted from 0; no two of them are alike."""
    order = rng.permutation(len(_FIRST) * len(_SECOND))
    found = []
    for number in numbers.tolist():
        again, at = divmod(number, len(order))
        first, second = divmod(int(order[at]), len(_SECOND))
        name = f"{_FIRST[first]} {_SECOND[second]}"
        found.append(f"{name} {again + 1}" if again else name)
    return found


def people(rng: np.random.Generator, count: int) -> list[tuple[str, str]]:
    """Given and family names; the same person may come twice."""
    given = rng.integers(0, len(_GIVEN), count)
    family = rng.integers(0, len(_FAMILY), count)
    return [(_GIVEN[g], _FAMILY[f]) for g, f in zip(given.tolist(), family.tolist(), strict=True)]


def mailbox(person: tuple[str, str], number: int, domain: str) -> str:
    """An e-mail address in a domain that can never exist.

    >>> mailbox(("Ada", "Bell"), 7, "amber-bank")
    'ada.bell7@amber-bank.example'
    """
    given, family = person
    return f"{given}.{family}{number}@{domain}.example".lower()
