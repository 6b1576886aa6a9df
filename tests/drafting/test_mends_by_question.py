"""Mends that take what is meant from the question: each one mends, and leaves what fits."""

from __future__ import annotations

import pytest

from nlq.catalog.catalog import Catalog
from nlq.drafting.mends.mend import mend
from nlq.types import ColumnDoc, JoinEdge, TableDoc, ValueDoc


def doc(name: str, key: str, *columns: tuple[str, str], to: tuple[JoinEdge, ...] = ()) -> TableDoc:
    columns = ((key, "bigint"), *columns)
    known = tuple(ColumnDoc(column, kind) for column, kind in columns)
    return TableDoc(f"lake.shop.{name}", known, primary_key=(key,), joins=to)


def to(left: str, column: str, right: str, key: str) -> JoinEdge:
    return JoinEdge(f"lake.shop.{left}", (column,), f"lake.shop.{right}", (key,))


KIND = ColumnDoc("kind", "varchar", values=(ValueDoc("PAY"), ValueDoc("REF", "refunded")))
PAYMENTS = doc(
    "payments", "pay_id", ("wallet_id", "bigint"), ("amount", "double"),
    ("settled_ts", "timestamp"), ("refunded_at", "timestamp"), ("pay_method", "varchar"),
    ("paid_on", "date"),
    to=(to("payments", "wallet_id", "wallets", "wallet_id"),),
)  # fmt: skip
TABLES = (
    TableDoc(PAYMENTS.name, (*PAYMENTS.columns, KIND), primary_key=("pay_id",),
             joins=PAYMENTS.joins),
    doc("wallets", "wallet_id", ("owner_id", "bigint"), ("opened_on", "date"),
        ("closed_on", "date"),
        to=(to("wallets", "owner_id", "owners", "owner_id"),)),
    TableDoc("lake.shop.invitations", (
        ColumnDoc("inviting_owner", "bigint"), ColumnDoc("invited_owner", "bigint"),
        ColumnDoc("sent", "varchar", values=tuple(map(ValueDoc, ("20260131", "20260501",
                                                                 "20251224")))),
    ), joins=(to("invitations", "inviting_owner", "owners", "owner_id"),
              to("invitations", "invited_owner", "owners", "owner_id"))),
    doc("consents", "owner_id", ("given_on", "date")),
    TableDoc("lake.shop.tariffs", (
        ColumnDoc("tariff_cd", "varchar"), ColumnDoc("tariff_nm", "varchar"),
        ColumnDoc("tier", "varchar", values=tuple(map(ValueDoc, ("Basic", "basic", "Max")))),
        ColumnDoc("price", "double"),
    ), primary_key=("tariff_cd",)),
    doc("owners", "owner_id", ("first_name", "varchar"), ("last_name", "varchar"),
        ("referred_by", "bigint"), ("born", "date"), ("country", "varchar"), ("age", "bigint"),
        to=(to("owners", "referred_by", "owners", "owner_id"),)),
)  # fmt: skip
SHOP = Catalog({table.name: table for table in TABLES})

COUNTRY_COUNT = (
    "SELECT o.country, COUNT(*) AS n FROM owners AS o JOIN wallets AS w "
    "ON w.owner_id = o.owner_id GROUP BY o.country"
)


@pytest.mark.parametrize(
    ("asked", "draft", "mended"),
    [
        (
            "How many payments were made on weekends?",
            "SELECT COUNT(*) AS n FROM payments WHERE (day_of_week(paid_on) % 7) + 1 IN (6, 0)",
            "SELECT COUNT(*) AS n FROM payments WHERE DAY_OF_WEEK(paid_on) IN (6, 7)",
        ),
        (
            "What is the total of settled payments?",
            "SELECT SUM(p.amount) AS total FROM payments AS p",
            "SELECT SUM(p.amount) AS total FROM payments AS p WHERE NOT p.settled_ts IS NULL",
        ),
        (
            "How many owners are there of each known country?",
            "SELECT o.country, COUNT(*) AS n FROM owners AS o GROUP BY o.country",
            "SELECT o.country, COUNT(*) AS n FROM owners AS o WHERE NOT o.country IS NULL "
            "GROUP BY o.country",
        ),
        (
            "What is the daily amount, split by pay method?",
            "SELECT p.paid_on, SUM(p.amount) AS n FROM payments AS p GROUP BY p.paid_on",
            "SELECT p.pay_method, p.paid_on, SUM(p.amount) AS n FROM payments AS p "
            "GROUP BY p.paid_on, p.pay_method",
        ),
        (
            "How many payments came from wallets opened in May?",
            "SELECT COUNT(*) AS n FROM wallets AS w WHERE w.opened_on >= DATE '2026-05-01'",
            "SELECT COUNT(*) AS n FROM wallets AS w JOIN lake.shop.payments AS payments "
            "ON payments.wallet_id = w.wallet_id WHERE w.opened_on >= CAST('2026-05-01' AS DATE)",
        ),
        (
            "How many wallets have payments by card, and of how much?",
            "SELECT COUNT(w.wallet_id) AS n, SUM(p.amount) AS total FROM payments AS p "
            "JOIN wallets AS w ON p.wallet_id = w.wallet_id",
            "SELECT COUNT(DISTINCT w.wallet_id) AS n, SUM(p.amount) AS total FROM payments AS p "
            "JOIN wallets AS w ON p.wallet_id = w.wallet_id",
        ),
        (
            "Who are the three oldest owners by date of birth?",
            "SELECT o.last_name, o.born FROM owners AS o ORDER BY o.born DESC LIMIT 3",
            "SELECT o.last_name, o.born FROM owners AS o ORDER BY o.born ASC LIMIT 3",
        ),
        (
            "Which wallet has the fewest payments?",
            "SELECT wallet_id, COUNT(*) AS n FROM payments GROUP BY wallet_id "
            "ORDER BY n DESC LIMIT 1",
            "SELECT wallet_id, COUNT(*) AS n FROM payments GROUP BY wallet_id "
            "ORDER BY n ASC LIMIT 1",
        ),
        (
            "For each pay method, which payment has the highest amount?",
            "SELECT p.pay_method, p.pay_id, p.amount FROM payments AS p "
            "ORDER BY p.amount DESC LIMIT 1",
            "SELECT pay_method, pay_id, amount FROM (SELECT p.pay_method, p.pay_id, p.amount, "
            "RANK() OVER (PARTITION BY p.pay_method ORDER BY p.amount DESC) AS place "
            "FROM payments AS p) AS ranked WHERE place <= 1",
        ),
        (
            "How many wallets are there in each country? Show countries without wallets as 0.",
            COUNTRY_COUNT,
            "SELECT o.country, COUNT(w.owner_id) AS n FROM owners AS o "
            "LEFT JOIN wallets AS w ON w.owner_id = o.owner_id GROUP BY o.country",
        ),
        (
            "What did each owner pay in all? Include owners without payments.",
            "SELECT o.last_name, SUM(p.amount) AS total FROM payments AS p JOIN wallets AS w "
            "ON p.wallet_id = w.wallet_id JOIN owners AS o ON w.owner_id = o.owner_id "
            "WHERE p.kind = 'PAY' GROUP BY o.last_name",
            "SELECT o.last_name, COALESCE(SUM(p.amount), 0) AS total FROM owners AS o "
            "LEFT JOIN wallets AS w ON w.owner_id = o.owner_id "
            "LEFT JOIN payments AS p ON p.wallet_id = w.wallet_id AND p.kind = 'PAY' "
            "GROUP BY o.last_name",
        ),
        (
            "Who brought in at least two other owners?",
            "SELECT a.last_name, COUNT(DISTINCT b.owner_id) AS n FROM owners AS a JOIN owners AS b "
            "ON a.referred_by = b.owner_id GROUP BY a.last_name",
            "SELECT a.last_name, COUNT(DISTINCT b.owner_id) AS n FROM owners AS a JOIN owners AS b "
            "ON a.owner_id = b.referred_by GROUP BY a.last_name",
        ),
        (
            "How many owners in Peru did each owner bring in?",
            "SELECT o.owner_id, COUNT(*) AS n FROM owners AS o WHERE o.country = 'PE' "
            "GROUP BY o.owner_id ORDER BY n DESC",
            "SELECT o.owner_id, COUNT(*) AS n FROM owners AS owners "
            "JOIN owners AS o ON owners.referred_by = o.owner_id WHERE owners.country = 'PE' "
            "GROUP BY o.owner_id ORDER BY n DESC",
        ),
        (
            "Which owners have no payment?",
            "SELECT o.born FROM owners AS o WHERE o.owner_id IN (SELECT owner_id FROM payments)",
            "SELECT o.born FROM owners AS o WHERE o.owner_id IN (SELECT wallets.owner_id "
            "FROM payments JOIN lake.shop.wallets AS wallets "
            "ON payments.wallet_id = wallets.wallet_id)",
        ),
        (
            "What is the average age of wallets per owner country?",
            "SELECT AVG(d.days) AS n FROM (SELECT o.country AS owner_country, o.age AS days "
            "FROM owners AS o) AS d",
            "SELECT d.owner_country, AVG(d.days) AS n FROM (SELECT o.country AS owner_country, "
            "o.age AS days FROM owners AS o) AS d GROUP BY d.owner_country",
        ),
        (
            "What is the amount of each kind, and the running total?",
            "SELECT p.kind, SUM(p.amount) AS n, SUM(p.amount) OVER (ORDER BY p.kind) AS so_far "
            "FROM payments AS p GROUP BY p.kind",
            "SELECT p.kind, SUM(p.amount) AS n, SUM(SUM(p.amount)) OVER (ORDER BY p.kind) "
            "AS so_far FROM payments AS p GROUP BY p.kind",
        ),
        (
            "What is the ratio of wallets to owners?",
            "SELECT CAST(COUNT(*) AS DOUBLE) / COUNT(DISTINCT o.owner_id) AS ratio "
            "FROM owners AS o JOIN wallets AS w ON w.owner_id = o.owner_id",
            "SELECT CAST((SELECT COUNT(*) FROM lake.shop.wallets) AS DOUBLE) / "
            "NULLIF((SELECT COUNT(*) FROM lake.shop.owners), 0) AS ratio",
        ),
        (
            "What are the names of the owners in France?",
            "SELECT o.first_name FROM owners AS o WHERE o.country = 'France'",
            "SELECT o.first_name, o.last_name FROM owners AS o WHERE o.country = 'France'",
        ),
        (
            "What is the amount of each pay method?",
            "SELECT p.pay_method, SUM(p.amount) OVER (PARTITION BY p.pay_method) AS total "
            "FROM payments AS p",
            "SELECT p.pay_method, SUM(p.amount) AS total FROM payments AS p GROUP BY p.pay_method",
        ),
        (
            "How many wallets were opened in each of the last 6 months?",
            "SELECT COUNT(*) AS n FROM wallets AS w WHERE w.opened_on >= DATE '2026-05-01'",
            "SELECT DATE_TRUNC('MONTH', w.opened_on) AS month, COUNT(*) AS n FROM wallets AS w "
            "WHERE w.opened_on >= CAST('2026-05-01' AS DATE) "
            "GROUP BY DATE_TRUNC('MONTH', w.opened_on)",
        ),
        (
            "Which owners have paid by card?",
            "SELECT o.last_name FROM owners AS o JOIN wallets AS w ON w.owner_id = o.owner_id "
            "JOIN payments AS p ON p.wallet_id = w.wallet_id WHERE p.pay_method = 'card'",
            "SELECT DISTINCT o.last_name FROM owners AS o JOIN wallets AS w ON w.owner_id = "
            "o.owner_id JOIN payments AS p ON p.wallet_id = w.wallet_id "
            "WHERE p.pay_method = 'card'",
        ),
        (
            "What is the average time until payments were refunded, in hours?",
            "SELECT AVG(date_diff('hour', p.settled_ts, p.refunded_at)) AS hours "
            "FROM payments AS p WHERE p.kind = 'REF'",
            "SELECT AVG((CAST(DATE_DIFF('SECOND', p.settled_ts, p.refunded_at) AS DOUBLE) / 3600)) "
            "AS hours FROM payments AS p WHERE p.kind = 'REF'",
        ),
        (
            "Which wallets are still in use?",
            "SELECT w.wallet_id FROM wallets AS w",
            "SELECT w.wallet_id FROM wallets AS w WHERE w.closed_on IS NULL",
        ),
        (
            "Which payment of each wallet was the second largest?",
            "SELECT p.wallet_id, p.pay_id, p.amount FROM payments AS p "
            "ORDER BY p.amount DESC LIMIT 2",
            "SELECT wallet_id, pay_id, amount FROM (SELECT p.wallet_id, p.pay_id, p.amount, "
            "RANK() OVER (PARTITION BY p.wallet_id ORDER BY p.amount DESC) AS place "
            "FROM payments AS p) AS ranked WHERE place = 2",
        ),
        (
            "How many owners have Lopez in their last name?",
            "SELECT COUNT(*) AS n FROM owners AS o WHERE LOWER(o.last_name) LIKE LOWER('Lopez')",
            "SELECT COUNT(*) AS n FROM owners AS o WHERE LOWER(o.last_name) LIKE '%lopez%'",
        ),
        (
            "Which two owners have had the most wallets?",
            "SELECT o.owner_id, COUNT(*) AS n FROM owners AS o JOIN wallets AS w "
            "ON w.owner_id = o.owner_id JOIN payments AS p ON p.wallet_id = w.wallet_id "
            "GROUP BY o.owner_id ORDER BY n DESC LIMIT 2",
            "SELECT o.owner_id, COUNT(*) AS n FROM owners AS o JOIN wallets AS w "
            "ON w.owner_id = o.owner_id GROUP BY o.owner_id ORDER BY n DESC LIMIT 2",
        ),
        (
            "Which owners are called Hassan?",
            "SELECT o.last_name FROM owners AS o WHERE LOWER(o.last_name) LIKE 'hassan%'",
            "SELECT o.last_name FROM owners AS o WHERE LOWER(o.last_name) LIKE '%hassan%'",
        ),
        (
            "How many wallets are there? Closed ones don't count.",
            "SELECT COUNT(*) AS n FROM wallets AS w",
            "SELECT COUNT(*) AS n FROM wallets AS w WHERE w.closed_on IS NULL",
        ),
        (
            "Which wallets does Ann have right now?",
            "SELECT w.wallet_id FROM wallets AS w",
            "SELECT w.wallet_id FROM wallets AS w WHERE w.closed_on IS NULL",
        ),
        (
            "What is the number of points of each owner?",
            "SELECT o.owner_id, COUNT(o.age) AS points FROM owners AS o GROUP BY o.owner_id",
            "SELECT o.owner_id, SUM(o.age) AS points FROM owners AS o GROUP BY o.owner_id",
        ),
        (
            "What share of the owners of each country gave consent?",
            "SELECT o.country, CAST(COUNT(CASE WHEN NOT c.given_on IS NULL THEN 1 END) AS DOUBLE) "
            "/ COUNT(*) AS share FROM owners AS o JOIN consents AS c ON c.owner_id = o.owner_id "
            "GROUP BY o.country",
            "SELECT o.country, CAST(COUNT(CASE WHEN NOT c.given_on IS NULL THEN 1 END) AS DOUBLE) "
            "/ COUNT(*) AS share FROM owners AS o LEFT JOIN consents AS c "
            "ON c.owner_id = o.owner_id GROUP BY o.country",
        ),
        (
            "What was paid per month, and how did it change?",
            "SELECT DATE_TRUNC('MONTH', p.paid_on) AS month, SUM(p.amount) AS total, "
            "LAG(SUM(p.amount)) OVER (ORDER BY DATE_TRUNC('MONTH', p.paid_on)) AS change "
            "FROM payments AS p GROUP BY DATE_TRUNC('MONTH', p.paid_on)",
            "SELECT DATE_TRUNC('MONTH', p.paid_on) AS month, SUM(p.amount) AS total, "
            "SUM(p.amount) - LAG(SUM(p.amount)) OVER (ORDER BY DATE_TRUNC('MONTH', p.paid_on)) "
            "AS change FROM payments AS p GROUP BY DATE_TRUNC('MONTH', p.paid_on)",
        ),
        (
            "What was paid per month?",
            "SELECT p.paid_on, SUM(p.amount) AS total FROM payments AS p GROUP BY p.paid_on "
            "ORDER BY p.paid_on",
            "SELECT DATE_TRUNC('MONTH', p.paid_on) AS month, SUM(p.amount) AS total "
            "FROM payments AS p GROUP BY DATE_TRUNC('MONTH', p.paid_on) "
            "ORDER BY DATE_TRUNC('MONTH', p.paid_on)",
        ),
        (
            "Which tariffs cost more than 5?",
            "SELECT t.tariff_cd FROM tariffs AS t WHERE t.price > 5",
            "SELECT t.tariff_cd, t.tariff_nm FROM tariffs AS t WHERE t.price > 5",
        ),
        (
            "How many tariffs are in the Basic tier?",
            "SELECT COUNT(*) AS n FROM tariffs AS t WHERE t.tier = 'Basic'",
            "SELECT COUNT(*) AS n FROM tariffs AS t WHERE LOWER(t.tier) = 'basic'",
        ),
        (
            "For each year, what was the largest payment?",
            "SELECT YEAR(p.paid_on) AS year, p.pay_id, p.amount FROM payments AS p "
            "ORDER BY p.amount DESC LIMIT 1",
            "SELECT year, pay_id, amount FROM (SELECT YEAR(p.paid_on) AS year, p.pay_id, p.amount, "
            "RANK() OVER (PARTITION BY YEAR(p.paid_on) ORDER BY p.amount DESC) AS place "
            "FROM payments AS p) AS ranked WHERE place <= 1",
        ),
        (
            "Who is the youngest owner in each country?",
            "SELECT o.country, o.last_name, o.age FROM owners AS o ORDER BY o.country, o.age",
            "SELECT country, last_name, age FROM (SELECT o.country, o.last_name, o.age, "
            "RANK() OVER (PARTITION BY o.country ORDER BY o.age) AS place "
            "FROM owners AS o) AS ranked WHERE place <= 1",
        ),
        (
            "Which owners were never invited?",
            "SELECT o.owner_id FROM owners AS o WHERE NOT o.owner_id IN "
            "(SELECT i.inviting_owner FROM invitations AS i WHERE i.sent > '2026')",
            "SELECT o.owner_id FROM owners AS o WHERE (NOT o.owner_id IN "
            "(SELECT i.invited_owner FROM invitations AS i WHERE i.sent > '2026' "
            "AND NOT i.invited_owner IS NULL) OR o.owner_id IS NULL)",
        ),
        (
            "How many invitations were sent in each year?",
            "SELECT YEAR(i.sent) AS y, COUNT(*) AS n FROM invitations AS i GROUP BY YEAR(i.sent)",
            "SELECT YEAR(CAST(DATE_PARSE(i.sent, '%Y%m%d') AS DATE)) AS y, COUNT(*) AS n "
            "FROM invitations AS i GROUP BY YEAR(CAST(DATE_PARSE(i.sent, '%Y%m%d') AS DATE))",
        ),
        (
            "How many invitations were sent since May?",
            "SELECT COUNT(*) AS n FROM invitations AS i WHERE i.sent >= DATE '2026-05-01'",
            "SELECT COUNT(*) AS n FROM invitations AS i WHERE "
            "CAST(DATE_PARSE(i.sent, '%Y%m%d') AS DATE) >= CAST('2026-05-01' AS DATE)",
        ),
    ],
)  # fmt: skip
def test_what_the_question_says_is_mended(asked: str, draft: str, mended: str) -> None:
    got, notes = mend(draft, SHOP, asked)
    assert got == mended
    assert notes


@pytest.mark.parametrize(
    ("asked", "draft"),
    [
        ("How many payments were made on weekdays and weekends?",
         "SELECT COUNT(*) AS n FROM payments WHERE day_of_week(paid_on) IN (1, 2)"),
        ("What is the total of payments not settled yet?",
         "SELECT SUM(p.amount) AS total FROM payments AS p WHERE p.settled_ts IS NULL"),
        ("What was settled in May?", "SELECT SUM(p.amount) AS total FROM payments AS p"),
        # A value of another column says it already.
        ("What is the total of refunded payments?",
         "SELECT SUM(p.amount) AS total FROM payments AS p WHERE p.kind = 'REF'"),
        ("What is the amount by day, ordered by pay method?",
         "SELECT p.paid_on, SUM(p.amount) AS n FROM payments AS p GROUP BY p.paid_on"),
        ("How many owners have a wallet?",
         "SELECT COUNT(DISTINCT w.owner_id) AS n FROM wallets AS w"),
        ("Who are the three oldest owners?",
         "SELECT o.last_name, o.age FROM owners AS o ORDER BY o.age DESC LIMIT 3"),
        ("Which of the top 5 wallets has the fewest payments?",
         "SELECT wallet_id, COUNT(*) AS n FROM payments GROUP BY wallet_id "
         "ORDER BY n DESC LIMIT 1"),
        ("Which payment has the highest amount?",
         "SELECT p.pay_id, p.amount FROM payments AS p ORDER BY p.amount DESC LIMIT 1"),
        ("How many wallets are there in each country? Leave out countries without wallets.",
         COUNTRY_COUNT),
        ("Who was brought in by whom?",
         "SELECT b.last_name, COUNT(DISTINCT a.owner_id) AS n FROM owners AS a JOIN owners AS b "
         "ON a.referred_by = b.owner_id GROUP BY b.last_name"),
        ("Which owners have a wallet?",
         "SELECT o.born FROM owners AS o WHERE o.owner_id IN (SELECT owner_id FROM wallets)"),
        ("How many owners brought in others?",
         "SELECT COUNT(*) AS n FROM owners AS o WHERE NOT o.referred_by IS NULL"),
        ("What is the average age per country?",
         "SELECT AVG(d.age) AS n FROM (SELECT MAX(o.age) AS age FROM owners AS o) AS d"),
        ("What is the amount of each kind, and the running total?",
         "SELECT p.kind, SUM(SUM(p.amount)) OVER (ORDER BY p.kind) AS so_far "
         "FROM payments AS p GROUP BY p.kind"),
        ("What is the ratio of wallets to owners by country?",
         "SELECT o.country, CAST(COUNT(*) AS DOUBLE) / COUNT(DISTINCT o.owner_id) AS ratio "
         "FROM owners AS o JOIN wallets AS w ON w.owner_id = o.owner_id GROUP BY o.country"),
        ("What is the running total of each wallet?",
         "SELECT p.wallet_id, SUM(p.amount) OVER (PARTITION BY p.wallet_id ORDER BY p.paid_on) "
         "AS total FROM payments AS p"),
        ("How many wallets were opened in each month?",
         "SELECT month(w.opened_on) AS m, COUNT(*) AS n FROM wallets AS w "
         "WHERE w.opened_on >= DATE '2026-05-01' GROUP BY month(w.opened_on)"),
        ("Which payments were made by owners of France?",
         "SELECT p.pay_id FROM payments AS p JOIN wallets AS w ON p.wallet_id = w.wallet_id "
         "JOIN owners AS o ON w.owner_id = o.owner_id WHERE o.country = 'France'"),
        ("How many wallets does each owner have? Closed ones are included.",
         "SELECT w.owner_id, COUNT(*) AS n FROM wallets AS w GROUP BY w.owner_id"),
        ("How many ages are given, by owner of a wallet?",
         "SELECT w.owner_id, COUNT(o.age) AS n FROM owners AS o JOIN wallets AS w "
         "ON w.owner_id = o.owner_id GROUP BY w.owner_id"),
        ("Which share of its payments was refunded, by wallet?",
         "SELECT w.wallet_id, CAST(COUNT(CASE WHEN NOT p.refunded_at IS NULL THEN 1 END) AS "
         "DOUBLE) / COUNT(*) AS share FROM wallets AS w JOIN payments AS p "
         "ON p.wallet_id = w.wallet_id GROUP BY w.wallet_id"),
        ("List the owners of each country, by age.",
         "SELECT o.country, o.last_name, o.age FROM owners AS o ORDER BY o.country, o.age"),
        ("Who invited the most owners?",
         "SELECT i.inviting_owner, COUNT(*) AS n FROM invitations AS i "
         "GROUP BY i.inviting_owner ORDER BY n DESC LIMIT 1"),
        ("How many invitations were sent on 31 January?",
         "SELECT COUNT(*) AS n FROM invitations AS i WHERE i.sent = '20260131'"),
        ("What are the first names of the owners?", "SELECT o.first_name FROM owners AS o"),
        ("Which owners have a last name that starts with Ha, like those called Hassan?",
         "SELECT o.last_name FROM owners AS o WHERE LOWER(o.last_name) LIKE 'hass%'"),
    ],
)  # fmt: skip
def test_what_fits_the_question_is_left(asked: str, draft: str) -> None:
    assert mend(draft, SHOP, asked) == (draft, ())
