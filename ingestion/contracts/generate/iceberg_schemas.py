"""Iceberg schemas of the tables in the lake, in the specification's JSON form."""

from __future__ import annotations

import json

from infra.settings import iceberg_schema
from ingestion.contracts.generate.fields import table_of
from ingestion.contracts.generate.notice import NOTICE
from ingestion.contracts.registry import DERIVED, REGISTERS


def iceberg_schemas() -> str:
    """JSON object: table name to Iceberg schema, with field ids as the lake has them."""
    tables = {
        ".".join(table_of(model)): json.loads(iceberg_schema(model).model_dump_json())
        for model in (*DERIVED.values(), *REGISTERS.values())
    }
    body = json.dumps(tables, indent=2, ensure_ascii=False).removeprefix("{\n")
    return f'{{ "$comment": "{NOTICE}",\n{body}\n'
