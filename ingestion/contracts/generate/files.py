"""Which files are generated, and comparing and writing them."""

from __future__ import annotations

from pathlib import Path

from infra.settings import stale_files, write_files
from ingestion.contracts.generate.dbt_sources import dbt_sources
from ingestion.contracts.generate.flink_ddl import flink_ddl
from ingestion.contracts.generate.iceberg_schemas import iceberg_schemas
from ingestion.contracts.generate.json_schemas import json_schema
from ingestion.contracts.generate.reference import reference_page
from ingestion.contracts.registry import DERIVED, EVENTS, REGISTERS

GENERATED = "ingestion/contracts/generated"


def outputs() -> dict[str, str]:
    """Text of every generated file by its path below the checkout."""
    files = {
        f"{GENERATED}/{name}.schema.json": json_schema(name, model)
        for group in (EVENTS, REGISTERS, DERIVED)
        for name, model in group.items()
    }
    files[f"{GENERATED}/flink.sql"] = flink_ddl()
    files[f"{GENERATED}/iceberg.json"] = iceberg_schemas()
    files["dbt/models/staging/_sources.yml"] = dbt_sources()
    files["docs/reference/contracts.md"] = reference_page()
    return files


def stale(root: Path) -> list[str]:
    """Paths below ``root`` that are missing, out of date, or generated once but no longer."""
    return stale_files(root, outputs(), GENERATED)


def write(root: Path) -> list[str]:
    """Write what is stale below ``root``, delete what is no longer generated; returns the paths touched."""
    return write_files(root, outputs(), GENERATED)
