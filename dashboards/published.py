"""What the dashboards may read: the publication models as dbt states them, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import yaml

from infra.settings import SafeholdError

MODELS = Path(__file__).resolve().parents[1] / "dbt" / "models" / "publication"
SCHEMA = "publication"
# The C reader is ten times faster; not every build of PyYAML has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUCKDB_TYPES = {
    "string": "VARCHAR",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A published column: name, DuckDB type, unit, Chinese label, description, its values if listed."""

    name: str
    type: str
    unit: str
    zh: str
    description: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A published table."""

    name: str
    description: str
    columns: dict[str, Column]


def _values(column: dict[str, object]) -> tuple[str, ...]:
    tests = column.get("data_tests")
    for test in tests if isinstance(tests, list) else []:
        if isinstance(test, dict) and "accepted_values" in test:
            return tuple(str(v) for v in test["accepted_values"]["arguments"]["values"])
    return ()


def lacking(published: Path, tables: Mapping[str, Table]) -> tuple[str, ...]:
    """`table.column` of the models that the published file lacks: it was made before them, or without disclosure."""
    with duckdb.connect(str(published), read_only=True) as db:
        sql = f"select table_name, column_name from duckdb_columns() where schema_name = '{SCHEMA}'"
        there = set(db.execute(sql).fetchall())
    return tuple(f"{t.name}.{c}" for t in tables.values() for c in t.columns if (t.name, c) not in there)


@cache
def published_tables(folder: Path = MODELS) -> dict[str, Table]:
    """Tables by name, from the publication models' YAML.

    Raises:
        SafeholdError: no models in the folder, or a column type that DuckDB has no name for here.
    """
    tables: dict[str, Table] = {}
    for path in sorted(folder.glob("*.yml")):
        for model in yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER).get("models", []):
            columns = {}
            for column in model["columns"]:
                meta = column.get("config", {}).get("meta", {})
                kind = column["data_type"]
                if kind not in DUCKDB_TYPES:
                    raise SafeholdError(f"{model['name']}.{column['name']}: unknown type {kind!r}", where=str(path))
                columns[column["name"]] = Column(
                    name=column["name"],
                    type=DUCKDB_TYPES[kind],
                    unit=meta.get("unit", ""),
                    zh=meta.get("zh", ""),
                    description=column.get("description", ""),
                    values=_values(column),
                )
            tables[model["name"]] = Table(model["name"], model.get("description", ""), columns)
    if not tables:
        raise SafeholdError("there are no publication models", where=str(folder))
    return tables
