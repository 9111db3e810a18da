"""The published file as one scope may read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dashboards.access import Access, Unit, load_access, rows_of
from dashboards.language import quote
from dashboards.published import SCHEMA, published_tables
from infra.settings import SafeholdError, UserError

Row = dict[str, Any]
BELOW = {"nation": "province", "province": "city", "city": "facility"}
"""Tier of the units that a unit consists of."""
CHART_MONTHS = 24


def months_before(month: date, months: int) -> date:
    """First day of the month that lies so many months earlier."""
    number = month.year * 12 + month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def is_withheld(row: Row, column: str) -> bool:
    """True where disclosure control withholds the number: it is null, and it is not zero."""
    return row.get(column) is None and (column in str(row.get("withheld") or "").split() or bool(row.get("suppressed")))


class Scoped:
    """The published rows of one scope and month, read through views that hold no other scope's rows.

    Raises:
        UserError: not a published unit, or not a month that is published for it.
        SafeholdError: the published file lacks a table or column that the publication models state.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, scope: str, month: date) -> None:
        _make_views(db, _unit(db, scope))
        self._db, self.scope, self.month = db, scope, month
        self.freshness = self.rows("freshness")[0]
        own = self._read(f"select * from population where unit = {quote(scope)} order by month")
        if month not in {row["month"] for row in own}:
            raise UserError(
                f"{scope} has no published figures for {month:%Y-%m}",
                where="--period",
                do=f"use a month from {own[0]['month']:%Y-%m} to {own[-1]['month']:%Y-%m}",
            )
        self.unit: Row = own[-1]

    def _read(self, sql: str) -> list[Row]:
        answer = self._db.execute(sql)
        names = [column[0] for column in answer.description or []]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def months(self, table: str, months: int = CHART_MONTHS) -> list[Row]:
        """The unit's own rows of the months up to the report's, oldest first."""
        first = months_before(self.month, months - 1)
        return self._read(
            f"select * from {table} where unit = {quote(self.scope)}"
            f" and month between date '{first}' and date '{self.month}' order by all"
        )

    def month_of(self, table: str, back: int = 0) -> list[Row]:
        """The unit's own rows of one month: the report's, or one earlier."""
        month = months_before(self.month, back)
        return self._read(
            f"select * from {table} where unit = {quote(self.scope)} and month = date '{month}' order by all"
        )

    def below(self, table: str, back: int = 0, where: str = "true") -> list[Row]:
        """Rows of the units that this one consists of, in one month; [] for a facility."""
        month, tier = months_before(self.month, back), BELOW.get(self.unit["tier"], "")
        return self._read(
            f"select * from {table} where tier = '{tier}' and month = date '{month}' and ({where}) order by unit"
        )

    def is_hidden(self, table: str) -> bool:
        """Whether the table is about facilities, for the tiers above, and this is one."""
        return self.unit["tier"] == "facility" and table in load_access().hidden_from_facilities

    def rows(self, table: str, where: str = "true", order: str = "all") -> list[Row]:
        """Rows of the scope. In `where`, {month} and {next_month} stand for the report's and the next."""
        dates = {name: f"date '{day}'" for name, day in self._dates().items()}
        return self._read(f"select * from {table} where {where.format(**dates)} order by {order}")

    def _dates(self) -> dict[str, date]:
        return {"month": self.month, "next_month": months_before(self.month, -1)}


def refuse_outside(scope: str, reader: str, access: Access, units: Mapping[str, Unit], today: date) -> None:
    """Let an active reader of the access table have reports of the units that his own unit holds, and no other.

    Raises:
        UserError: no such reader, he may not log in on that day, or the scope does not lie in his.
    """
    if reader not in access.users:
        raise UserError(f"there is no reader {reader!r}", where="--reader", do=f"one of {', '.join(access.users)}")
    user = access.users[reader]
    if not user.is_active(today):
        raise UserError(f"the reader {reader} is {user.state(today)}", where="--reader")
    own, wanted = units.get(user.scope or ""), units.get(scope)
    if own is None or wanted is None or not own.holds(wanted):
        raise UserError(f"{reader} may read {user.scope or 'no unit'}, which does not hold {scope}", where="--scope")


@contextmanager
def open_published(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the published file as it is now, for as long as it is open: a later one replaces the file whole.

    Raises:
        UserError: there is no published file.
    """
    if not path.exists():
        raise UserError(
            "nothing is published yet", where=str(path), do="run `safehold marts build`, then `safehold marts publish`"
        )
    with duckdb.connect(config={"threads": 1, "memory_limit": "512MB"}) as db:
        db.execute(f"attach {quote(str(path))} as published (read_only)")
        db.execute("set enable_external_access = false")
        db.execute("set lock_configuration = true")
        yield db


def _unit(db: duckdb.DuckDBPyConnection, scope: str) -> Unit:
    found = db.execute(
        "select unit, tier, unit_name_zh, unit_name_en, province, city"
        f" from published.{SCHEMA}.population where unit = {quote(scope)} limit 1"
    ).fetchone()
    if found is None:
        raise UserError(
            f"no published figures for the unit {scope!r}",
            where="--scope",
            do="use 00, or the code of a province, city or facility that is published",
        )
    return Unit(*found)


def _make_views(db: duckdb.DuckDBPyConnection, unit: Unit) -> None:
    access = load_access()
    for table in published_tables().values():
        columns, where = ", ".join(table.columns), rows_of(access, table.name, unit)
        try:
            db.execute(
                f"create or replace view {table.name} as "
                f"select {columns} from published.{SCHEMA}.{table.name} where {where}"
            )
        except duckdb.Error as error:
            raise SafeholdError(
                f"the published file does not fit the publication models: {str(error).splitlines()[0]}",
                do="publish anew",
            ) from error
