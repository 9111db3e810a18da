"""Incidents in interrogation rooms (room I-3 is left to them by the quiet life)."""

from __future__ import annotations

from ingestion.sources.simulator.activities import interrogate
from ingestion.sources.simulator.incidents.kinds import incident
from ingestion.sources.simulator.movement import Person
from ingestion.sources.simulator.stage import Stage

ROOM = "I-3"


def cast(stage: Stage, begin: float, end: float) -> tuple[Person, Person, list[Person]] | None:
    """A detainee, an escort and two interrogators with time, and the room, or None."""
    detainee = stage.pick(stage.detainees(block="A"), begin, end)
    escort = stage.pick(stage.escorts, begin, end)
    officers = stage.pick(stage.interrogators, begin, end, 2)
    if detainee is None or escort is None or officers is None or not stage.take_room(ROOM, begin, end):
        return None
    return detainee[0], escort[0], officers


@incident("int-01", 640)
def officer_leaves_interrogation(stage: Stage, begin: float) -> bool:
    """The second officer goes out for a minute and a half while the session goes on."""
    until = begin + 2 * stage.walk_s + 240
    found = cast(stage, begin, until + 2 * stage.walk_s)
    if found is None:
        return False
    detainee, escort, officers = found
    away = (begin + 2 * stage.walk_s + 60, begin + 2 * stage.walk_s + 150)
    interrogate(stage, ROOM, detainee, escort, officers, begin, until, away)
    stage.expect("int-01", "officer_leaves_interrogation", ROOM, [], away[0] + 2, away[1] + 1)
    return True
