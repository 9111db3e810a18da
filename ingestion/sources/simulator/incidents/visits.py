"""Incidents in meetings with lawyers and families."""

from __future__ import annotations

from typing import Any

from ingestion.sources.simulator.activities import Trip, beside_door, go_home, visit
from ingestion.sources.simulator.incidents.kinds import incident
from ingestion.sources.simulator.movement import Person
from ingestion.sources.simulator.stage import Stage

ROOMS = ("M-3", "M-2", "M-1")
WHOLE_S = 560.0


def _visit(
    stage: Stage, begin: float, kind: str, length: float = 180.0, **how: Any
) -> tuple[str, Trip, float, Person, Person] | None:
    """Stage a visit: room, trip, end, detainee, and another officer with time; None where it does not fit."""
    until = begin + 2 * stage.walk_s + length
    end = until + 3 * stage.walk_s
    detainee = stage.pick(stage.detainees(block="B"), begin, end)
    officers = stage.pick(stage.escorts, begin, end, 2)
    if detainee is None or officers is None:
        return None
    room = next((r for r in ROOMS if stage.take_room(r, begin, end)), None)
    if room is None:
        return None
    trip = visit(stage, room, detainee[0], officers[0], kind, begin, until, **how)
    return room, trip, until, detainee[0], officers[1]


@incident("int-09", WHOLE_S)
def lawyer_meeting_overheard(stage: Stage, begin: float) -> bool:
    """An officer stands in the room for a minute and a half while a lawyer talks to a client."""
    found = _visit(stage, begin, "lawyer")
    if found is None:
        return False
    room, trip, _, _, officer = found
    leg = stage.start_leg(officer, begin)
    leg.walk(stage.plan.way(leg.place, officer.home_zone, beside_door(stage, room, 1.5), "HALL")[1:])
    leg.stay(trip.arrive + 30)
    inside = leg.walk(stage.plan.way(leg.place, "HALL", stage.plan.rooms[room].at(5, 4), room)[1:]).end
    leg.stay(inside + 90)
    go_home(stage, officer, leg, room)
    stage.expect("int-09", "lawyer_meeting_overheard", room, [], inside, inside + 90)
    return True


@incident("int-10", 49 * 3600)
def lawyer_waits(stage: Stage, begin: float) -> bool:
    """A lawyer's request stays without a meeting for more than 48 hours."""
    person = stage.detainees(block="A")[0]
    asked = {"appointment": f"V-wait-{begin:.0f}", "subject": person.subject, "kind": "lawyer", "action": "request"}
    stage.post(begin, "visit", f"visits-{stage.place.facility}", **asked)
    stage.expect("int-10", "lawyer_waits", "", [person], begin + 48 * 3600, stage.end)
    return True


@incident("int-11", WHOLE_S)
def contact_in_visit(stage: Stage, begin: float) -> bool:
    """Visitor and detainee sit within arm's reach in a visit without contact."""
    found = _visit(stage, begin, "family", distance=0.35)
    if found is None:
        return False
    stage.expect("int-11", "contact_in_visit", found[0], [found[3]], found[1].arrive + 2, found[2])
    return True


@incident("int-11b", WHOLE_S)
def visit_under_a_stop(stage: Stage, begin: float) -> bool:
    """A family is let in although visits in person are stopped for the person they come to see."""
    found = _visit(stage, begin, "family")
    if found is None:
        return False
    room, trip, until, person, _ = found
    stage.post(
        begin, "epidemic_measure", "measures-desk", measure=f"stop-{begin:.0f}", kind="visit_stop", action="impose",
        subject=person.subject, ends_at=stage.ms(trip.end), by=stage.staff_of("MED")[0].subject,
    )  # fmt: skip
    stage.expect("int-11b", "visit_under_a_stop", room, [], trip.arrive + 2, until)
    return True


@incident("int-12", WHOLE_S + 420)
def visit_overruns(stage: Stage, begin: float) -> bool:
    """A visit goes on for seven minutes past its booked end."""
    found = _visit(stage, begin, "family", length=600.0, booked_until=begin + 2 * stage.walk_s + 180)
    if found is None:
        return False
    stage.expect("int-12", "visit_overruns", found[0], [], begin + 2 * stage.walk_s + 480, found[2])
    return True
