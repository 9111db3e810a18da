"""The registers that figures are made of: those with a model in dbt's staging layer. A build reads no other."""

from __future__ import annotations

from pathlib import Path

from ingestion.contracts import REGISTERS

_STAGING = Path(__file__).resolve().parents[2] / "dbt" / "models" / "staging"

STAGED = [model for table, model in REGISTERS.items() if (_STAGING / f"stg_{table}.sql").is_file()]
