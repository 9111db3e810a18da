"""Reading records at the edges, with errors that name the field.

The hot path decodes with msgspec structs of the same models (:mod:`ingestion.contracts.schemas`);
what it accepts is accepted here too, and with the same values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Union

from pydantic import Field, TypeAdapter, ValidationError

from ingestion.contracts.base import Contract, Event
from ingestion.contracts.registry import EVENTS, contract_named


@dataclass(frozen=True)
class FieldFault:
    """What is wrong with one field; the field is a path such as `detections.0.x`, empty for the whole record."""

    field: str
    what: str


@cache
def _events() -> TypeAdapter[Any]:
    union: Any = Union[tuple(EVENTS.values())]  # noqa: UP007
    tagged: Any = Annotated[union, Field(discriminator="type")]
    return TypeAdapter(tagged)


def read_event(data: bytes | str) -> Event:
    """The event that this JSON text is; its `type` must be stated.

    Raises:
        pydantic.ValidationError: it is none.
    """
    event: Event = _events().validate_json(data, strict=True)
    return event


def read_record(name: str, data: bytes | str) -> Contract:
    """A record of the contract with this event type or table name.

    Raises:
        KeyError: no such contract.
        pydantic.ValidationError: the JSON text is no such record.
    """
    model = contract_named(name)
    if name not in EVENTS:
        return model.model_validate_json(data, strict=True)
    event = read_event(data)
    if not isinstance(event, model):
        raise ValidationError.from_exception_data(
            name,
            [{"type": "literal_error", "loc": ("type",), "input": event.type, "ctx": {"expected": repr(name)}}],  # type: ignore[attr-defined]
        )
    return event


def faults_of(name: str, data: bytes | str) -> list[FieldFault]:
    """Everything that is wrong with a record; empty if nothing is.

    Raises:
        KeyError: no such contract.
    """
    try:
        read_record(name, data)
    except ValidationError as error:
        return [
            FieldFault(_path(name, fault["loc"], fault.get("ctx", {})), fault["msg"])
            for fault in error.errors(include_url=False)
        ]
    return []


def _path(name: str, loc: tuple[int | str, ...], context: dict[str, Any]) -> str:
    """The fault's place without the event type that pydantic puts before it."""
    if loc and name in EVENTS and loc[0] in EVENTS:
        loc = loc[1:]
    if not loc and "discriminator" in context:
        return str(context["discriminator"]).strip("'")
    return ".".join(map(str, loc))
