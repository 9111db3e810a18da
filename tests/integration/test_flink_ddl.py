"""The generated Flink DDL is SQL that Flink takes, with the columns of the contracts."""

from __future__ import annotations

import pytest

from ingestion.contracts import DERIVED, REGISTERS
from ingestion.contracts.generate import outputs

pytestmark = pytest.mark.jvm


def test_flink_makes_every_table_of_the_generated_ddl() -> None:
    from pyflink.table import EnvironmentSettings, TableEnvironment

    environment = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
    for namespace in ("bronze", "silver", "register", "audit"):
        environment.execute_sql(f"CREATE DATABASE `{namespace}`")
    statements = outputs()["ingestion/contracts/generated/flink.sql"].split(";\n")
    for statement in statements:
        if statement.strip():
            environment.execute_sql(statement)
    for name, model in {**{f"register.{key}": model for key, model in REGISTERS.items()}, **DERIVED}.items():
        schema = environment.from_path(".".join(f"`{part}`" for part in name.split("."))).get_schema()
        assert schema.get_field_names() == list(model.model_fields), name
