"""Reading a mapping, and checking it against the contracts before any file is opened."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from infra.settings import UserError, line_of, read_yaml
from ingestion.contracts import REGISTERS
from ingestion.contracts.schemas import scalar_of, split_optional
from ingestion.registers.mapping import Mapping, Source, TableMapping, Units

MAPPINGS = Path(__file__).resolve().parent / "mappings"
"""The mappings that come with the platform."""

GIVEN = ("known_from", "source")
"""Fields of every register that the import itself fills."""

_BRANCHES = ("Units", "Source", "literal[", "function-")
"""What pydantic adds to a fault's place to name the branch of a union."""

_Model = TypeVar("_Model", bound=BaseModel)


class MappingError(UserError):
    """A mapping cannot be used."""


def load_mapping(path: Path) -> Mapping:
    """One mapping, with the units of the file it names, checked against the registers' contracts.

    Raises:
        MappingError: with file, line and field of the first fault.
    """
    if not path.suffix and not path.exists():
        path = MAPPINGS / f"{path.name}.yaml"
        if not path.exists():
            raise MappingError(f"no mapping named {path.stem!r}", where=str(MAPPINGS), do=f"use {', '.join(shipped())}")
    mapping, node = _read(path, Mapping)
    for i, table in enumerate(mapping.tables):
        for loc, what, do in _faults(table, has_units=mapping.units is not None):
            raise MappingError(what, where=f"{path}:{line_of(node, ('tables', i, *loc))}", do=do)
    if isinstance(mapping.known_from, Source) and not mapping.known_from.dates:
        line = line_of(node, ("known_from",))
        raise MappingError("known_from: the form of the date is missing", where=f"{path}:{line}", do="give `dates`")
    if isinstance(mapping.units, str):
        units, _ = _read(path.parent / mapping.units, Units)
        mapping = mapping.model_copy(update={"units": units})
    return mapping


def shipped() -> list[str]:
    """Names of the mappings that come with the platform."""
    return sorted(path.stem for path in MAPPINGS.glob("*.yaml") if not path.stem.endswith("_units"))


def _read(path: Path, model: type[_Model]) -> tuple[_Model, Any]:
    data, node = read_yaml(path, MappingError)
    try:
        return model.model_validate(data), node
    except ValidationError as error:
        # A union reports every branch it tried; the longest way down is the one that was meant, and of two
        # as long the one that is not the union's plain text.
        plain = ("string_type", "literal_error")
        first = max(error.errors(), key=lambda fault: (len(fault["loc"]), fault["type"] not in plain))
        loc = tuple(part for part in first["loc"] if not str(part).startswith(_BRANCHES))
        field = ".".join(str(part) for part in loc) or "the file"
        raise MappingError(
            f"{field}: {first['msg'].removeprefix('Value error, ')}",
            where=f"{path}:{line_of(node, loc)}",
            do="see ingestion/registers/mapping.py for the fields of a mapping",
        ) from error


def _faults(table: TableMapping, *, has_units: bool) -> list[tuple[tuple[Any, ...], str, str]]:
    """What contradicts the register's contract: place in the table's mapping, what, what to do."""
    model = REGISTERS.get(table.table)
    if model is None:
        return [(("table",), f"no register named {table.table!r}", f"use one of {', '.join(REGISTERS)}")]
    faults: list[tuple[tuple[Any, ...], str, str]] = []
    known = [name for name in model.model_fields if name not in GIVEN]
    for name, source in table.fields.items():
        loc = ("fields", name)
        if name not in known:
            faults.append((loc, f"{table.table} has no field {name!r}", f"use {', '.join(known)}"))
            continue
        faults += [(loc, f"{name}: {what}", do) for what, do in _misfits(source, model.model_fields[name].annotation)]
        if not has_units and any(True for _ in _unit_lookups(source)):
            faults.append((loc, f"{name} looks up a unit, but the mapping names no `units`", "add `units`"))
    for name in known:
        if model.model_fields[name].is_required() and name not in table.fields:
            faults.append((("fields",), f"{table.table} needs the field {name!r}", "say where it comes from"))
    return faults


def _misfits(source: Source, annotation: Any) -> list[tuple[str, str]]:
    """What of a source cannot become a value of this type."""
    inner = split_optional(annotation)[0]
    faults = []
    if get_origin(inner) is Literal:
        allowed = get_args(inner)
        faults += [
            (f"{constant!r} is not among its values", f"use one of {', '.join(map(str, allowed))}")
            for leaf in _leaves(source)
            for constant in leaf.constants()
            if constant not in allowed
        ]
    if scalar_of(inner) in (date, datetime):
        faults += [
            ("the form of the date is missing", "give `dates`, for example ['%Y-%m-%d']")
            for leaf in _leaves(source)
            if leaf.column is not None and not leaf.dates
        ]
    return faults


def _leaves(source: Source) -> list[Source]:
    """Sources that give the whole value: those among which `first` chooses, or the source itself."""
    return [leaf for part in source.first for leaf in _leaves(part)] if source.first else [source]


def _unit_lookups(source: Source) -> list[str]:
    own = [source.unit] if source.unit is not None else []
    return own + [name for part in (*(source.join or ()), *(source.first or ())) for name in _unit_lookups(part)]
