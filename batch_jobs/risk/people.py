"""From a person's records to what the training table needs to know of a person."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from batch_jobs.risk.table import Person


def person_of(subject: str, heard: Iterable[Any], outcomes: Collection[str], end: int) -> Person | None:
    """A person from what was heard (records with ``available``, ``at``, ``payload``, ``rule``), ms; None for somebody
    of whom no context as a detainee is known.

    Args:
        outcomes: rules whose alert is an outcome. end: until when (ms) everything is known.
    """
    found = list(heard)
    contexts = []
    for one in found:
        if one.payload is not None:
            event = json.loads(one.payload)
            if event["type"] == "person" and event.get("role", "detainee") == "detainee":
                contexts.append((one.at, event))
    here = [(at, event) for at, event in sorted(contexts, key=lambda c: c[0]) if event.get("present", True)]
    if not here:
        return None
    left = [at for at, event in contexts if not event.get("present", True) and at > here[0][0]]
    last = here[-1][1]
    return Person(
        subject,
        found,
        sorted(one.at for one in found if one.payload is None and one.rule in outcomes),
        here[0][0],
        min([end, *left]),
        {"sex": last.get("sex", "unknown"), "age_band": last.get("age_band", "unknown")},
    )
