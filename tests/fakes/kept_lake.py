"""A small lake's docs and a policy over them that a test may change."""

from __future__ import annotations

from pathlib import Path

from nlq.catalog.catalog import Catalog
from nlq.kept.rights import Rights
from nlq.sql.policy import Policy
from nlq.types import ColumnDoc, TableDoc

SALES = TableDoc(
    "lake.shop.sales",
    (ColumnDoc("day", "date"), ColumnDoc("amount", "bigint"), ColumnDoc("region", "varchar")),
)
PAY = TableDoc("lake.hr.pay", (ColumnDoc("amount", "bigint"),))
CATALOG = Catalog({SALES.name: SALES, PAY.name: PAY})
POLICY = """
version: 1
contact: Ask data-access@example.com.
roles:
  analyst: {tables: [lake.shop.*]}
  everything: {tables: [lake.*.*]}
  blind: {tables: [lake.shop.*], denied: {columns: [lake.shop.sales.amount]}}
  emea:
    tables: [lake.shop.*]
    row_filters: [{table: lake.shop.sales, where: "region = 'EMEA'"}]
"""


class Lake:
    """The rights over the small lake; ``say`` changes the policy."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.say(POLICY)

    def say(self, policy: str) -> None:
        self._path.write_text(policy)
        self._rights = Rights(CATALOG, Policy.load(self._path))

    def rights(self) -> Rights:
        return self._rights


FINANCE = Catalog(
    {
        name: TableDoc(name, (ColumnDoc("amount_cents", "bigint"),))
        for name in ("lake.finance.revenue", "lake.finance.exchange_rates")
    }
)
"""What the scripted assistant's answers rest on."""
FINANCE_POLICY = """
version: 1
contact: Ask data-access@example.com.
roles:
  executive: {tables: [lake.finance.*]}
  guest: {tables: [lake.shop.*]}
"""


def finance_rights(folder: Path) -> Rights:
    path = folder / "policy.yaml"
    path.write_text(FINANCE_POLICY)
    return Rights(FINANCE, Policy.load(path))
