"""One row of a file to one row of a register, or the reason why not."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from ingestion.contracts import REGISTERS, RegisterRow
from ingestion.registers.mapping import Mapping, SkipRule, Source, TableMapping
from ingestion.registers.values import CannotRead, Reader


@dataclass(frozen=True)
class Fault:
    """Why a row of the file gives no row of the register."""

    what: str
    column: str
    do: str
    facility: str = ""


def skipped_by(table: TableMapping, reader: Reader, row: Map[str, str]) -> str | None:
    """Name of the first rule that leaves the row out."""
    return next((rule.rule for rule in table.skip if _holds(rule, reader, row)), None)


def _holds(rule: SkipRule, reader: Reader, row: Map[str, str]) -> bool:
    return all(reader.text(row, column) is None for column in rule.all_null) and all(
        reader.text(row, column) in texts for column, texts in rule.equals.items()
    )


def register_row(
    mapping: Mapping, table: TableMapping, reader: Reader, row: Map[str, str], now: datetime
) -> RegisterRow | Fault:
    """The register's row, checked by its contract, or the first fault."""
    model = REGISTERS[table.table]
    values: dict[str, Any] = {"source": mapping.source}
    try:
        # In the order of the mapping, ids first of all: numbering must not depend on another field's fault.
        for name, source in sorted(table.fields.items(), key=lambda item: item[1].id is None):
            value = reader.value(source, row, model.model_fields[name].annotation, table.table)
            if value is not None:
                values[name] = value
        values["known_from"] = _known_from(mapping, reader, row, now)
        return model.model_validate(values)
    except CannotRead as error:
        return Fault(error.what, error.column, error.do, str(values.get("facility", "")))
    except ValidationError as error:
        return _fault(error, table, values)


def _known_from(mapping: Mapping, reader: Reader, row: Map[str, str], now: datetime) -> datetime:
    if not isinstance(mapping.known_from, Source):
        return now
    column = next(mapping.known_from.columns(), "")
    known = reader.value(mapping.known_from, row, datetime, "known_from")
    if not isinstance(known, datetime):
        raise CannotRead(column, "it is not said when the row became known", "fill in the date, or skip such rows")
    if known > now:
        raise CannotRead(column, f"it became known on {known:%Y-%m-%d}, after this import", "correct the date")
    return known


def _fault(error: ValidationError, table: TableMapping, values: Map[str, Any]) -> Fault:
    first = error.errors()[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    source = table.fields.get(field)
    columns = ", ".join(source.columns()) if source is not None else ""
    facility = str(values.get("facility", ""))
    if first["type"] == "missing":
        return Fault(f"{field} has no value", columns, "fill in the cell, or skip such rows in the mapping", facility)
    return Fault(
        f"{field}: {first['msg']}, not {first['input']!r}", columns, "correct the cell, or name it in `map`", facility
    )
