"""Flink DDL of the tables in the lake."""

from __future__ import annotations

from ingestion.contracts.generate.fields import summary_of, table_of
from ingestion.contracts.generate.notice import NOTICE
from ingestion.contracts.registry import DERIVED, REGISTERS
from ingestion.contracts.schemas import flink_columns


def flink_ddl() -> str:
    """One `CREATE TABLE` for each derived table and register, for a Flink catalogue over the lake."""
    statements = []
    for model in (*DERIVED.values(), *REGISTERS.values()):
        namespace, table = table_of(model)
        columns = flink_columns(model)
        statements.append(
            f"-- {summary_of(model)}\nCREATE TABLE IF NOT EXISTS `{namespace}`.`{table}` (\n{columns}\n);\n"
        )
    return f"-- {NOTICE}\n\n" + "\n".join(statements)
