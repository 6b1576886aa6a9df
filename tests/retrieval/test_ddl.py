from __future__ import annotations

from nlq.catalog.catalog import Catalog
from nlq.retrieval.ddl import lake_ddl, table_ddl
from nlq.types import ColumnDoc, JoinEdge, TableDoc, ValueDoc

ORDERS = TableDoc(
    "lake.shop.orders",
    (
        ColumnDoc("order_id", "bigint", "Unique identifier of the order."),
        ColumnDoc("state", "varchar", "How far it is.", values=(ValueDoc("P"), ValueDoc("O"))),
        ColumnDoc("buyer", "bigint", "x" * 40 + " " + "y" * 90),
        ColumnDoc("note", "varchar", "State.", values=tuple(ValueDoc(str(n)) for n in range(20))),
    ),
    joins=(JoinEdge("lake.shop.orders", ("buyer",), "lake.shop.buyers", ("id",)),),
)
BUYERS = TableDoc("lake.shop.buyers", (ColumnDoc("id", "bigint"),), "People. More.")


def test_comments_say_what_names_do_not() -> None:
    assert table_ddl(ORDERS, "orders").splitlines() == [
        "CREATE TABLE orders (",
        "  order_id bigint,",
        "  state varchar, -- How far it is; values 'P', 'O'",
        f"  buyer bigint, -- {'x' * 40}...",
        "  note varchar -- State",
        ");",
    ]


def test_a_lake_is_the_same_text_whatever_the_order() -> None:
    names = {"lake.shop.orders": "orders", "lake.shop.buyers": "buyers"}
    text = lake_ddl(Catalog({t.name: t for t in (ORDERS, BUYERS)}), names)
    assert text == lake_ddl(Catalog({t.name: t for t in (BUYERS, ORDERS)}), names)
    assert text.startswith("-- People\nCREATE TABLE buyers (\n  id bigint\n);\nCREATE TABLE orders")
    assert text.endswith("-- join orders.buyer = buyers.id")
