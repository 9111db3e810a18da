"""A city's published rows of a few months, written by hand: what a report's sentences are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import duckdb

from dashboards.published import SCHEMA, published_tables
from dashboards.reports.published import Row, Scoped, months_before

MONTH = date(2026, 10, 1)
CITY = {"tier": "city", "unit": "3301", "unit_name_zh": "杭州市", "unit_name_en": "Hangzhou", "province": "33"}


def own(back: int = 0, **values: Any) -> Row:
    """The city's row of October 2026, or of so many months before."""
    return CITY | {"city": "3301", "month": months_before(MONTH, back)} | values


def below(code: str, back: int = 0, **values: Any) -> Row:
    """A row of one of its facilities."""
    names = {"tier": "facility", "unit": code, "unit_name_zh": f"{code}所", "unit_name_en": f"Unit {code}"}
    return own(back) | names | {"facility": code} | values


def read(tables: Mapping[str, Sequence[Row]]) -> Scoped:
    """The city's scope over these rows; all other published tables are there and empty."""
    base: dict[str, Sequence[Row]] = {
        "population": [own()],
        "freshness": [{"data_until": date(2026, 10, 31), "built_at": datetime(2026, 11, 1), "run_id": "by-hand"}],
    }
    db = duckdb.connect()
    db.execute("attach ':memory:' as published")
    db.execute(f"create schema published.{SCHEMA}")
    for table in published_tables().values():
        name = f"published.{SCHEMA}.{table.name}"
        db.execute(f"create table {name} ({', '.join(f'{c.name} {c.type}' for c in table.columns.values())})")
        for row in {**base, **tables}.get(table.name, ()):
            places = ", ".join("?" for _ in row)
            db.execute(f"insert into {name} ({', '.join(row)}) values ({places})", list(row.values()))
    return Scoped(db, "3301", MONTH)
