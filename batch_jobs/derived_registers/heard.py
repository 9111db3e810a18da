"""An event as it was heard, and versions of a register's row as they became known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from ingestion.contracts import RegisterRow

R = TypeVar("R", bound=RegisterRow)

_NO_CONTENT = {"known_from", "source"}


class Heard(NamedTuple):
    """``kind``: type of the event. ``event``: its struct or model. ``received``: when the platform received it, ms."""

    kind: str
    received: int
    event: Any


def in_order(heard: Iterable[Heard]) -> list[Heard]:
    """By event time; what happened at one time in the order of receipt, late ones where they belong."""
    return sorted(heard, key=lambda one: (one.event.event_time, one.received))


def moment(ms: int) -> datetime:
    """Milliseconds since 1970 in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def later(row: R, received: int, **fields: object) -> R:
    """The version of a row that an event received then makes of it; never known before the version it follows."""
    return row.model_copy(update={"known_from": max(moment(received), row.known_from), **fields})


def _key(row: RegisterRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in row.KEY)


def content(row: RegisterRow) -> dict[str, Any]:
    """What a row says, without when it was known and who said it."""
    return row.model_dump(exclude=_NO_CONTENT)


def news(found: Sequence[R], held: Iterable[R]) -> list[R]:
    """The versions that a register does not hold yet.

    Args:
        found: all versions, for each key in the order in which they became known.
        held: those the register holds. A version that is older than the newest held one is no news; where the last
            version says otherwise although it is no younger (a late record), it is known right after the newest.
    """
    newest: dict[tuple[Any, ...], R] = {}
    for row in sorted(held, key=lambda row: row.known_from):
        newest[_key(row)] = row
    last = {_key(row): row for row in found}
    told: list[R] = []
    for row in found:
        known, is_last = newest.get(_key(row)), row is last[_key(row)]
        if known is not None and content(known) == content(row):
            continue
        if known is not None and row.known_from <= known.known_from:
            if not is_last:
                continue
            row = row.model_copy(update={"known_from": known.known_from + timedelta(milliseconds=1)})
        newest[_key(row)] = row
        told.append(row)
    return told
