"""The generated Flink DDL is SQL that Flink takes, with the columns of the contracts."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from ingestion.contracts import DERIVED, REGISTERS
from ingestion.contracts.generate import outputs

pytestmark = pytest.mark.jvm


def columns_in_flink(ddl: str, tables: list[str]) -> dict[str, list[str]]:
    """Columns of the tables as Flink has them once it ran the DDL."""
    from pyflink.table import EnvironmentSettings, TableEnvironment

    environment = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
    for namespace in ("bronze", "silver", "register", "audit"):
        environment.execute_sql(f"CREATE DATABASE `{namespace}`")
    for statement in ddl.split(";\n"):
        if statement.strip():
            environment.execute_sql(statement)
    quoted = {table: ".".join(f"`{part}`" for part in table.split(".")) for table in tables}
    return {table: environment.from_path(path).get_schema().get_field_names() for table, path in quoted.items()}


def test_flink_makes_every_table_of_the_generated_ddl() -> None:
    models = {**{f"register.{key}": model for key, model in REGISTERS.items()}, **DERIVED}
    # In a process of its own: PyFlink keeps one JVM a process, and this one has none of the jars that a job needs.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as own:
        made = own.submit(columns_in_flink, outputs()["ingestion/contracts/generated/flink.sql"], list(models)).result()
    assert made == {table: list(model.model_fields) for table, model in models.items()}
