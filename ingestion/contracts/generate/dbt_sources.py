"""dbt's sources: one per namespace of the lake, one table per contract."""

from __future__ import annotations

from typing import Any

import yaml

from ingestion.contracts.base import Contract
from ingestion.contracts.generate.fields import fields_of, summary_of, table_of
from ingestion.contracts.generate.notice import NOTICE
from ingestion.contracts.registry import DERIVED, REGISTERS
from ingestion.contracts.schemas import arrow_schema

_ABOUT = {
    "bronze": "What the platform received, as it came.",
    "silver": "What the stream job and the landing derived from it, and what the platform sees of itself.",
    "audit": "Who changed or read what, and why.",
    "register": "Bitemporal registers: places, stays, counts, deaths, incidents, inspections.",
}


def dbt_sources() -> str:
    """`_sources.yml`: descriptions and types of every column; `meta` is what dbt-duckdb's iceberg plugin reads."""
    tables: dict[str, list[dict[str, Any]]] = {"register": [], "silver": [], "bronze": [], "audit": []}
    for model in (*REGISTERS.values(), *DERIVED.values()):
        namespace, name = table_of(model)
        tables[namespace].append(_table(namespace, name, model))
    document = {
        "version": 2,
        "sources": [{"name": name, "description": _ABOUT[name], "tables": rows} for name, rows in tables.items()],
    }
    body = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    return f"# {NOTICE}\n{body}"


def _table(namespace: str, name: str, model: type[Contract]) -> dict[str, Any]:
    schema = arrow_schema(model)
    return {
        "name": name,
        "description": summary_of(model),
        "meta": {"plugin": "lake", "iceberg_table": f"{namespace}.{name}", "save_mode": "ignore"},
        "columns": [
            {
                "name": field.name,
                "description": field.doc + (f" Unit: {field.unit}." if field.unit else ""),
                "data_type": _sql_type(str(schema.field(field.name).type)),
            }
            for field in fields_of(model)
        ],
    }


def _sql_type(arrow: str) -> str:
    """Name of the type that DuckDB and Spark both understand."""
    return {
        "string": "varchar",
        "int64": "bigint",
        "double": "double",
        "bool": "boolean",
        "binary": "binary",
        "date32[day]": "date",
        "timestamp[us, tz=UTC]": "timestamptz",
        "list<item: string>": "varchar[]",
    }[arrow]
