"""What the catalog mends of a model's draft, and what it leaves for the guard."""

from __future__ import annotations

import pytest

from nlq.catalog.catalog import Catalog
from nlq.drafting.mends import mend
from nlq.types import ColumnDoc, JoinEdge, TableDoc, ValueDoc


def table(name: str, *columns: str, joins: tuple[JoinEdge, ...] = ()) -> TableDoc:
    docs = tuple(ColumnDoc(column, "varchar") for column in columns)
    return TableDoc(f"lake.shop.{name}", docs, joins=joins)


def edge(left: str, column: str, right: str, key: str) -> JoinEdge:
    return JoinEdge(f"lake.shop.{left}", (column,), f"lake.shop.{right}", (key,))


PRICE = ColumnDoc("price_c", "bigint", unit="USD cents")
CITY = ColumnDoc("city", "varchar", values=(ValueDoc("Berlin"), ValueDoc("Paris")))
TABLES = (
    table("sales", "id", "car_id", "customer_id", "sale_price", "sale_date",
          joins=(edge("sales", "car_id", "cars", "id"),
                 edge("sales", "customer_id", "customers", "id"))),
    table("cars", "id", "make", "model"),
    TableDoc("lake.shop.plans", (ColumnDoc("plan", "varchar"), PRICE)),
    TableDoc("lake.shop.customers",
             (ColumnDoc("id", "bigint"), ColumnDoc("name", "varchar"), CITY)),
)  # fmt: skip
CATALOG = Catalog({doc.name: doc for doc in TABLES})


@pytest.mark.parametrize(
    ("draft", "mended"),
    [
        (  # a column of the other table
            "SELECT s.make FROM sales AS s JOIN cars AS c ON s.car_id = c.id",
            "SELECT c.make FROM sales AS s JOIN cars AS c ON s.car_id = c.id",
        ),
        (  # a table that was left out
            "SELECT s.make, SUM(s.sale_price) AS total FROM sales AS s GROUP BY s.make",
            "SELECT cars.make, SUM(s.sale_price) AS total FROM sales AS s "
            "JOIN lake.shop.cars AS cars ON s.car_id = cars.id GROUP BY cars.make",
        ),
        (  # a join on columns that are not there
            "SELECT c.make FROM sales AS s JOIN cars AS c ON s.id = c.sale_id",
            "SELECT c.make FROM sales AS s JOIN cars AS c ON s.car_id = c.id",
        ),
        (  # cents
            "SELECT p.plan, p.price_c FROM plans AS p ORDER BY p.price_c",
            "SELECT p.plan, p.price_c / 1e2 AS price_c FROM plans AS p ORDER BY p.price_c",
        ),
        ("SELECT MAX(price_c) AS top FROM plans", "SELECT MAX(price_c) / 1e2 AS top FROM plans"),
        ("SELECT sale_prise FROM sales", "SELECT sale_price FROM sales"),
        ("SELECT id FROM sale", "SELECT id FROM sales AS sale"),
        ("SELECT name FROM customers WHERE city = 'berlin'",
         "SELECT name FROM customers WHERE city = 'Berlin'"),
        ("SELECT name FROM customers WHERE city IN ('PARIS', 'Rome')",
         "SELECT name FROM customers WHERE city IN ('Paris', 'Rome')"),
    ],
)  # fmt: skip
def test_what_has_one_reading_is_mended(draft: str, mended: str) -> None:
    got, notes = mend(draft, CATALOG)
    assert got == mended
    assert notes


@pytest.mark.parametrize(
    "draft",
    [
        "SELECT s.sale_price FROM sales s",
        "SELECT SUM(price_c) / 1e2 AS total FROM plans",
        "SELECT make AS brand FROM cars ORDER BY brand",
        "SELECT nothing FROM cars",
        "SELECT t.x FROM (SELECT 1 AS x) t",
        "WITH sale AS (SELECT id FROM sales) SELECT sale.id FROM sale",
        "SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM sales WHERE customer_id = c.id)",
        "I cannot answer that.",
        "SELECT FROM WHERE (",
    ],
)
def test_the_rest_is_left_as_it_is(draft: str) -> None:
    assert mend(draft, CATALOG) == (draft, ())
