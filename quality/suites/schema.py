"""Have the tables the columns they are said to have, and what must be there?"""

from __future__ import annotations

from pathlib import Path

import yaml

from infra.settings import table_name
from ingestion.contracts import REGISTERS
from ingestion.contracts.schemas import arrow_schema
from quality.suites.check import Check, Tables, none_of

MODELS = Path(__file__).resolve().parents[2] / "dbt" / "models" / "publication"
_TYPES = {"string": "VARCHAR"}


def schema(tables: Tables) -> list[Check]:
    """Registers as their contracts say, publication tables as dbt's YAML says. Spark does not enforce either."""
    checks = []
    for model in REGISTERS.values():
        key = ", ".join(model.KEY)
        needed = [field.name for field in arrow_schema(model) if not field.nullable]
        missing = ", ".join(f"case when {column} is null then '{column}' end" for column in needed)
        checks.append(
            none_of(
                f"No row of {table_name(model)} lacks a value that its contract demands.",
                f"select {key}, known_from, missing from (select {key}, known_from, concat_ws(', ', {missing}) "
                f"as missing from {table_name(model)}) where missing <> ''",
            )
        )
    for table in tables:
        stated = yaml.safe_load((MODELS / f"{table}.yml").read_text(encoding="utf-8"))["models"][0]["columns"]
        columns = [(c["name"], _TYPES.get(c["data_type"], c["data_type"].upper())) for c in stated]
        checks.append(
            none_of(
                f"{table} has the columns and types that its description states.",
                f"select column_name, data_type from (values {', '.join(map(str, columns))}) as t (column_name, "
                "data_type) except select column_name, data_type from information_schema.columns "
                f"where table_catalog = current_database() and table_schema = 'publication' and table_name = '{table}'",
            )
        )
        required = [c["name"] for c in stated if {"type": "not_null"} in c.get("constraints", [])]
        checks.append(
            none_of(
                f"No row of {table} lacks a value that its description demands.",
                f"select * from publication.{table} where " + " or ".join(f"{column} is null" for column in required),
            )
        )
    return checks
