"""Contracts of derived tables as Flink row types, and the row that carries one of them."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args, get_origin

from pyflink.common import Row, Types
from pyflink.common.typeinfo import TypeInformation

from ingestion.contracts import (
    Alert,
    Contract,
    CustodyCode,
    FeatureSecond,
    QuarantineRow,
    RiskScore,
    RuleStatus,
    StreamLedger,
)
from ingestion.contracts.schemas import scalar_of, split_optional

OUTPUTS: dict[str, type[Contract]] = {
    "ledger": StreamLedger,
    "quarantine": QuarantineRow,
    "alert": Alert,
    "risk": RiskScore,
    "custody_code": CustodyCode,
    "rule_status": RuleStatus,
    "features": FeatureSecond,
}
"""Tables that the fold writes, by their field in its outputs and in the carrier row."""


def _type(annotation: Any) -> TypeInformation:
    inner = scalar_of(split_optional(annotation)[0])
    if get_origin(inner) is list and get_args(inner)[0] is str:
        return Types.BASIC_ARRAY(Types.STRING())
    return {
        str: Types.STRING(),
        int: Types.LONG(),
        float: Types.DOUBLE(),
        bool: Types.BOOLEAN(),
        bytes: Types.PRIMITIVE_ARRAY(Types.BYTE()),
        date: Types.SQL_DATE(),
    }[inner]


def row_type(model: type[Contract]) -> TypeInformation:
    """Flink row type of a contract; fields in its order."""
    names = list(model.model_fields)
    return Types.ROW_NAMED(names, [_type(model.model_fields[name].annotation) for name in names])


def carrier_type() -> TypeInformation:
    """A row with one field per output table, of which exactly one is set."""
    return Types.ROW_NAMED(list(OUTPUTS), [row_type(model) for model in OUTPUTS.values()])


def carry(output: str, values: dict[str, Any]) -> Row:
    """The carrier row of one output row."""
    row = Row(*(values[name] for name in OUTPUTS[output].model_fields))
    return Row(*(row if name == output else None for name in OUTPUTS))
