"""Restraints from their events: put on, allowed for longer, taken off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from batch_jobs.derived_registers import SOURCE
from batch_jobs.derived_registers.heard import Heard, in_order, later, moment
from ingestion.contracts import RestraintUse


def restraint_uses(heard: Iterable[Heard]) -> list[RestraintUse]:
    """A row for each time restraints were put on, in all versions, in the order of known time.

    As the stream's feature has it: a later event of an order replaces the one before, and restraints end with the
    order or when the person leaves. Who was restrained is not in the row.

    Args:
        heard: events `restraint` and `person`.
    """
    on: dict[tuple[str, str], tuple[str, RestraintUse]] = {}  # facility, order -> person, newest version
    versions: list[RestraintUse] = []
    for kind, received, event in in_order(heard):
        at = moment(event.event_time)
        if kind == "person" or event.action == "remove":
            ended = [
                key for key, (who, _) in on.items() if key[0] == event.facility and _ends(kind, event, key[1], who)
            ]
            versions += [later(on.pop(key)[1], received, ended=at) for key in ended]
            continue
        key = (event.facility, event.order)
        allowed = None if event.ends_at is None else moment(event.ends_at)
        if key in on:
            use = later(on[key][1], received, restraint=event.restraint, allowed_until=allowed)
        else:
            use = RestraintUse(
                known_from=moment(received),
                source=SOURCE,
                restraint_use=f"{event.facility}/{event.order}@{event.event_time}",
                facility=event.facility,
                restraint=event.restraint,
                begun=at,
                allowed_until=allowed,
            )
        on[key] = (event.subject, use)
        versions.append(use)
    return versions


def _ends(kind: str, event: Any, order: str, subject: str) -> bool:
    """Whether the event, a removal or word of a person, ends an order of a person."""
    if kind == "person":
        return not event.present and event.subject == subject
    return bool(event.order == order)
