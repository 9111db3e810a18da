"""Schemas of other systems, computed from the contracts: Arrow, Iceberg, Flink SQL, msgspec.

One table of types (:func:`kind_of`) feeds all of them, so that a field means the same everywhere.
"""

from __future__ import annotations

import types
import typing
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
import msgspec
import pyarrow as pa
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ingestion.contracts.base import Contract, Event

_ARROW: dict[type, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
}
_FLINK: dict[type, str] = {
    str: "STRING",
    int: "BIGINT",
    float: "DOUBLE",
    bool: "BOOLEAN",
    bytes: "BYTES",
    date: "DATE",
    datetime: "TIMESTAMP_LTZ(6)",
}


def split_optional(annotation: Any) -> tuple[Any, bool]:
    """``(inner annotation, may be null)``."""
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [a for a in get_args(annotation) if a is not type(None)]
        if len(rest) != 1:
            raise TypeError(f"contracts have no unions but `X | None`: {annotation}")
        # `Moment | None` keeps its check inside the union; what is asked for here is the type alone.
        return (get_args(rest[0])[0] if get_origin(rest[0]) is typing.Annotated else rest[0]), True
    return annotation, False


def scalar_of(annotation: Any) -> Any:
    """Literals become the type of their values; other annotations stay."""
    if get_origin(annotation) is Literal:
        return type(get_args(annotation)[0])
    return annotation


def unit_of(info: FieldInfo) -> str:
    """The unit stated for the field, or the empty string."""
    extra = info.json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""


def arrow_type(annotation: Any) -> pa.DataType:
    """Arrow type of a contract annotation.

    Raises:
        TypeError: the annotation is outside what contracts may use.
    """
    inner = scalar_of(split_optional(annotation)[0])
    if inner in _ARROW:
        return _ARROW[inner]
    if get_origin(inner) is list:
        return pa.list_(arrow_type(get_args(inner)[0]))
    if get_origin(inner) is tuple:
        return pa.list_(arrow_type(get_args(inner)[0]))
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return pa.struct([_arrow_field(n, f) for n, f in inner.model_fields.items()])
    raise TypeError(f"no Arrow type for {annotation}")


def _arrow_field(name: str, info: FieldInfo) -> pa.Field:
    return pa.field(name, arrow_type(info.annotation), nullable=split_optional(info.annotation)[1])


@cache
def arrow_schema(model: type[Contract]) -> pa.Schema:
    """Arrow schema of a contract; columns in the order of its fields."""
    return pa.schema([_arrow_field(n, f) for n, f in model.model_fields.items()])


def flink_type(annotation: Any) -> str:
    """Flink SQL type of a contract annotation."""
    inner = scalar_of(split_optional(annotation)[0])
    if inner in _FLINK:
        return _FLINK[inner]
    if get_origin(inner) in (list, tuple):
        return f"ARRAY<{flink_type(get_args(inner)[0])}>"
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        fields = ", ".join(f"`{n}` {flink_type(f.annotation)}" for n, f in inner.model_fields.items())
        return f"ROW<{fields}>"
    raise TypeError(f"no Flink type for {annotation}")


def flink_columns(model: type[Contract]) -> str:
    """Column list of a Flink DDL statement."""
    return ",\n".join(
        f"  `{name}` {flink_type(info.annotation)}" + ("" if split_optional(info.annotation)[1] else " NOT NULL")
        for name, info in model.model_fields.items()
    )


def _msgspec_type(annotation: Any, info: FieldInfo | None) -> Any:
    inner, optional = split_optional(annotation)
    meta: dict[str, Any] = {}
    pattern = None
    for constraint in info.metadata if info is not None else []:
        match constraint:
            case annotated_types.Ge():
                meta["ge"] = constraint.ge
            case annotated_types.Le():
                meta["le"] = constraint.le
            case annotated_types.MinLen():
                meta["min_length"] = constraint.min_length
            case annotated_types.MaxLen():
                meta["max_length"] = constraint.max_length
            case _ if getattr(constraint, "pattern", None):
                pattern = constraint.pattern
            case _:
                raise TypeError(f"no msgspec form for the constraint {constraint!r}")
    if pattern is not None:
        # `$` also stands before a final line break in Python's expressions, which msgspec uses; pydantic's end there.
        meta["pattern"] = pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        inner = struct_of(inner)
    elif get_origin(inner) is list:
        inner = list[_msgspec_type(get_args(inner)[0], None)]  # type: ignore[misc]
    if meta:
        inner = typing.Annotated[inner, msgspec.Meta(**meta)]
    return inner | None if optional else inner


@cache
def struct_of(model: type[BaseModel]) -> type[msgspec.Struct]:
    """The msgspec struct of a contract: the same fields, types, bounds and strictness.

    Decoding with it is about ten times faster than with pydantic; a law test feeds every example
    and random mutations of it to both and asks for the same verdict.
    """
    fields: list[Any] = []
    tag = getattr(model, "TYPE", None) if issubclass(model, Event) else None
    for name, info in model.model_fields.items():
        if tag is not None and name == "type":
            continue
        kind = _msgspec_type(info.annotation, info)
        if info.is_required():
            fields.append((name, kind))
        elif info.default_factory is not None:
            fields.append((name, kind, msgspec.field(default_factory=info.default_factory)))  # type: ignore[arg-type]
        else:
            fields.append((name, kind, info.default))
    return msgspec.defstruct(
        model.__name__,
        fields,
        tag=tag,
        tag_field="type" if tag is not None else None,
        forbid_unknown_fields=True,
        frozen=False,
        kw_only=True,
        gc=False,
        module=__name__,
    )


def event_decoder(models: typing.Iterable[type[Event]]) -> msgspec.json.Decoder[Any]:
    """A strict JSON decoder of one event: the tagged union of the contracts' structs."""
    union: Any = Union[tuple(struct_of(m) for m in models)]  # noqa: UP007
    return msgspec.json.Decoder(union)
