"""From a person's records to what the training table needs to know of a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any

import msgspec

from batch_jobs.risk.table import Person
from ingestion.contracts import PersonContext
from ingestion.contracts.schemas import event_decoder

_CONTEXT = event_decoder([PersonContext])


def person_of(subject: str, heard: Iterable[Any], outcomes: Collection[str], end: int) -> Person | None:
    """A person from what was heard (records with ``available``, ``at``, ``payload``, ``rule``), ms; None for somebody
    of whom no context as a detainee is known.

    Args:
        outcomes: rules whose alert is an outcome. end: until when (ms) everything is known.
    """
    found = list(heard)
    contexts: list[tuple[int, Any]] = []
    for one in found:
        # Other events are no contexts, and what the contract refuses was never scored.
        with suppress(msgspec.MsgspecError, UnicodeDecodeError):
            if one.payload is not None and (event := _CONTEXT.decode(one.payload)).role == "detainee":
                contexts.append((one.at, event))
    here = [(at, event) for at, event in sorted(contexts, key=lambda c: c[0]) if event.present]
    if not here:
        return None
    left = [at for at, event in contexts if not event.present and at > here[0][0]]
    last = here[-1][1]
    return Person(
        subject,
        found,
        sorted(one.at for one in found if one.payload is None and one.rule in outcomes),
        here[0][0],
        min([end, *left]),
        {"sex": last.sex, "age_band": last.age_band},
    )
