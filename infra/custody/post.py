"""Posting an act about a person: the audit entry first, then the event, then what the job makes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import ValidationError

from infra.custody.audit import note
from infra.settings import Settings, UserError
from ingestion.contracts import Event
from ingestion.landing import land
from ingestion.sources.record import record_of

SOURCE = "custody-desk"
POLL_S = 0.5
_Event = TypeVar("_Event", bound=Event)


def event_of(model: type[_Event], fields: dict[str, Any], do: str = "see the command's --help") -> _Event:
    """An event out of a command's options.

    Raises:
        UserError: the contract refuses an option; it is named.
    """
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(first["msg"], where=f"--{first['loc'][-1]}", do=do) from error


def post(settings: Settings, event: Event, by: str, what: str, target: str, why: str) -> None:
    """Note and post an event.

    Raises:
        UserError: nobody is named, no broker runs, or the landing refused the event.
    """
    record = record_of(event)
    note(settings, by, what, target, why, after=record.value.decode())
    report = land(settings, SOURCE, [record])
    if report.landed != 1:
        raise UserError("the event was not landed", where=SOURCE, do="see: safehold land --spool")


def wait(found: Callable[[], bool], timeout_s: float) -> bool:
    """Whether something came true in time."""
    end = time.monotonic() + timeout_s
    while not found():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_S)
    return True
