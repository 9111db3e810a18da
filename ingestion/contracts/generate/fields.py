"""A contract's fields as a reader wants them: type, unit, bounds or values, presence, meaning."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ingestion.contracts.base import Contract
from ingestion.contracts.schemas import scalar_of, split_optional, unit_of


@dataclass(frozen=True)
class FieldView:
    """One field in words."""

    name: str
    type: str
    unit: str
    limits: str
    required: bool
    doc: str


def table_of(model: type[Contract]) -> tuple[str, str]:
    """Namespace and table of a register or derived contract."""
    table = str(getattr(model, "TABLE"))  # noqa: B009 - declared on the two table bases only
    namespace, _, name = table.rpartition(".")
    return namespace or "register", name


def doc_of(model: type[BaseModel]) -> str:
    """The model's docstring with its line breaks within a paragraph taken out."""
    text = inspect.getdoc(model) or ""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n")).replace("``", "`")


def summary_of(model: type[BaseModel]) -> str:
    """First paragraph of the model's docstring on one line."""
    return doc_of(model).split("\n\n", 1)[0]


def fields_of(model: type[BaseModel]) -> list[FieldView]:
    """All fields of a contract in their order."""
    return [
        FieldView(
            name=name,
            type=type_name(info.annotation),
            unit=unit_of(info),
            limits=_limits(info),
            required=info.is_required(),
            doc=info.description or "",
        )
        for name, info in model.model_fields.items()
    ]


def nested_in(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Models that the fields of ``model`` are made of, outermost first."""
    found: list[type[BaseModel]] = []
    for info in model.model_fields.values():
        inner = split_optional(info.annotation)[0]
        while get_origin(inner) in (list, tuple):
            inner = get_args(inner)[0]
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += [inner, *nested_in(inner)]
    return found


def type_name(annotation: Any) -> str:
    """The annotation in words, e.g. `text`, `integer or null`, `list of Detection`."""
    inner, optional = split_optional(annotation)
    return _plain(inner) + (" or null" if optional else "")


def _plain(inner: Any) -> str:
    names = {
        "str": "text",
        "int": "integer",
        "float": "number",
        "bool": "true/false",
        "bytes": "bytes",
        "date": "date",
        "datetime": "UTC timestamp",
    }
    if get_origin(inner) is list:
        return f"list of {_plain(get_args(inner)[0])}"
    if get_origin(inner) is tuple:
        return f"({', '.join(_plain(part) for part in get_args(inner))})"
    name: str = scalar_of(inner).__name__
    return names.get(name, name)


def _limits(info: FieldInfo) -> str:
    inner = split_optional(info.annotation)[0]
    while get_origin(inner) is list:
        inner = get_args(inner)[0]
    parts = []
    if get_origin(inner) is Literal:
        parts.append(" · ".join(f"`{value}`" for value in get_args(inner)))
    for constraint in info.metadata:
        match constraint:
            case annotated_types.Ge():
                parts.append(f"≥ {constraint.ge}")
            case annotated_types.Le():
                parts.append(f"≤ {constraint.le}")
            case annotated_types.MinLen():
                parts.append(f"length ≥ {constraint.min_length}")
            case annotated_types.MaxLen():
                parts.append(f"length ≤ {constraint.max_length}")
            case _ if getattr(constraint, "pattern", None):
                parts.append(f"`{constraint.pattern}`")
    if not info.is_required() and info.default not in (None, ""):
        default = info.get_default(call_default_factory=True)
        parts.append(f"default `{default}`")
    return ", ".join(parts)
