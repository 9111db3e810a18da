"""Incidents on escorted ways, and of people who are where they should not be."""

from __future__ import annotations

from ingestion.sources.simulator.activities import beside_door, escorted, go_home, person_fields, visitor
from ingestion.sources.simulator.incidents.kinds import incident
from ingestion.sources.simulator.movement import STANDING, Leg, Person
from ingestion.sources.simulator.stage import Stage


@incident("cel-02", 300)
def running_in_the_hall(stage: Stage, begin: float) -> bool:
    """A detainee on the way to the waiting room breaks away from the escort and runs through the hall."""
    end = begin + 60 + 4 * stage.walk_s
    detainee = stage.pick(stage.detainees(block="A"), begin, end)
    escort = stage.pick(stage.escorts, begin, end)
    if detainee is None or escort is None or not stage.take_room("MED-W", begin, end):
        return False
    plan, person, officer = stage.plan, detainee[0], escort[0]
    assert person.cell is not None
    front, corridor = plan.door_side(person.cell), "C-A"
    guard = stage.start_leg(officer, begin)
    guard.walk(plan.way(guard.place, officer.home_zone, front, corridor)[1:])
    home, home_zone = stage.home(person, guard.end)
    spot = plan.rooms["MED-W"].at(3, 2.5)
    way = plan.way(home, home_zone, spot, "MED-W")
    leg = Leg.at(guard.end, home).walk(way[1:4])
    run = leg.end
    leg.walk(way[4:5], 4.4)
    stop = leg.end
    leg.walk(way[5:])
    guard.stay(guard.end + 4).walk(plan.way(front, corridor, beside_door(stage, "MED-W"), "HALL")[1:], 1.5)
    back = max(leg.end, guard.end) + 20
    leg.stay(back).walk(plan.way(spot, "MED-W", home, home_zone)[1:])
    guard.stay(back + 4).walk(plan.way(guard.place, "HALL", front, corridor)[1:]).stay(leg.end + 2)
    person.legs.append(leg)
    go_home(stage, officer, guard, corridor)
    stage.expect("cel-02", "running_in_the_hall", "HALL", [person], run, stop)
    return True


def _two_blocks(
    stage: Stage, begin: float, rooms: tuple[str, ...], watched: bool
) -> tuple[str, list[Person], float, float] | None:
    """Two detainees of different blocks wait in one room, with an officer in it or none: room, who, from, until.

    None where it does not fit.
    """
    end = begin + 120 + 4 * stage.walk_s
    pair = [stage.pick(stage.detainees(block=b), begin, end) for b in ("A", "B")]
    officers = stage.pick(stage.escorts, begin, end, 2)
    if pair[0] is None or pair[1] is None or officers is None:
        return None
    name = next((room for room in rooms if stage.take_room(room, begin, end)), None)
    if name is None:
        return None
    people, until = [pair[0][0], pair[1][0]], begin + 2 * stage.walk_s + 40
    room = stage.plan.rooms[name]
    trips = [
        escorted(
            stage, person, officer, name, room.at(2.5, 2 + n), begin, until + 15 * n,
            inside=room.at(4.2, 2.5) if watched and n == 0 else None,
        )
        for n, (person, officer) in enumerate(zip(people, officers, strict=True))
    ]  # fmt: skip
    return name, people, max(t.arrive for t in trips), until


@incident("cel-12", 480)
def blocks_meet(stage: Stage, begin: float) -> bool:
    """Two detainees of different blocks are left alone in the medical waiting room for half a minute."""
    found = _two_blocks(stage, begin, ("MED-W",), watched=False)
    if found is None:
        return False
    stage.expect("cel-12", "blocks_meet", *found)
    return True


@incident("cel-12b", 480)
def out_of_a_quarantine(stage: Stage, begin: float) -> bool:
    """Somebody is put into quarantine while he waits beside one of another block, and an officer is with them.

    The quarantine ends when they part, so that it concerns nothing else of the simulated life.
    """
    found = _two_blocks(stage, begin, ("MED-W", "M-3", "M-1"), watched=True)
    if found is None:
        return False
    _, people, arrived, until = found
    stage.post(
        begin, "epidemic_measure", "measures-desk", measure=f"quarantine-{begin:.0f}", kind="quarantine",
        action="impose", subject=people[0].subject, starts_at=stage.ms(arrived), ends_at=stage.ms(until),
        by=stage.staff_of("MED")[0].subject,
    )  # fmt: skip
    stage.expect("cel-12b", "out_of_a_quarantine", *found)
    return True


@incident("per-06", 420)
def detainee_at_the_gate(stage: Stage, begin: float) -> bool:
    """A detainee walks on into the gate while the escort stays in the hall."""
    end = begin + 60 + 4 * stage.walk_s
    detainee = stage.pick(stage.detainees(block="A"), begin, end)
    escort = stage.pick(stage.escorts, begin, end)
    if detainee is None or escort is None or not stage.take_room("GATE", begin, end):
        return False
    until = begin + 2 * stage.walk_s + 20
    trip = escorted(stage, detainee[0], escort[0], "GATE", stage.plan.rooms["GATE"].at(3.5, 3), begin, until)
    stage.expect("per-06", "detainee_at_the_gate", "GATE", [detainee[0]], trip.arrive, until)
    return True


@incident("cel-10", 1060)
def cell_over_capacity(stage: Stage, begin: float) -> bool:
    """A detainee is put into a full cell of the same block for twelve minutes: two head counts differ as well."""
    until = begin + 2 * stage.walk_s + 720
    end = until + 3 * stage.walk_s
    cells = stage.plan.cells["B"]
    if len(cells) < 2:
        return False
    full = [c for c in cells if len([p for p in stage.detainees(cell=c) if stage.free(p, begin, end)]) >= 6]
    for cell in full:
        detainee = stage.pick([p for p in stage.detainees(block="B") if p.cell in full and p.cell != cell], begin, end)
        escort = stage.pick(stage.escorts, begin, end)
        if detainee is None or escort is None:
            return False
        spot = stage.plan.rooms[cell].at(3.5, 2.25)
        trip = escorted(stage, detainee[0], escort[0], cell, spot, begin, until)
        for person in stage.detainees(cell=cell):
            # The others stay in, so that the cell is full all the time.
            person.legs.append(stage.start_leg(person, trip.arrive).stay(until))
        stage.expect("cel-10", "cell_over_capacity", cell, [], trip.arrive, until)
        stage.expect_out_of_bed("cell_over_capacity", cell, detainee[0], trip.arrive, until)
        for zone in (cell, detainee[0].cell or ""):
            stage.expect("cel-11", "cell_over_capacity", zone, [], trip.arrive, until)
        return True
    return False


@incident("stf-10", 420)
def detainee_without_escort(stage: Stage, begin: float) -> bool:
    """A detainee walks alone to the yard and up and down in it."""
    end = begin + 60 + 2 * stage.walk_s + 90
    detainee = stage.pick(stage.detainees(block="W") or stage.detainees(), begin, end)
    if detainee is None or not stage.take_room("YARD", begin, end):
        return False
    person, plan = detainee[0], stage.plan
    home, zone = stage.home(person, begin)
    near, far = plan.rooms["YARD"].at(12, 4), plan.rooms["YARD"].at(24, 4)
    leg = Leg.at(begin, home, STANDING).walk(plan.way(home, zone, near, "YARD")[1:])
    entered = leg.end
    leg.walk([far, near, far, near]).walk(plan.way(near, "YARD", home, zone)[1:])
    person.legs.append(leg)
    stage.expect("stf-10", "detainee_without_escort", "YARD", [], entered, entered + 43, ways=("HALL",))
    return True


@incident("per-04", 320)
def stranger_in_the_control_room(stage: Stage, begin: float) -> bool:
    """Somebody of no known role comes through the gate and stands in the control room."""
    until = begin + stage.walk_s + 60
    arrive = visitor(stage, "unknown", "CTL", stage.plan.rooms["CTL"].at(4.5, 3.8), begin, until)
    stage.expect("per-04", "stranger_in_the_control_room", "CTL", [], arrive, until)
    return True


@incident("per-01", 420)
def worker_over_the_line(stage: Stage, begin: float) -> bool:
    """Somebody at work goes through the yard and over the northern line for some seconds; only the camera sees it."""
    if not stage.take_room("YARD", begin, begin + 60 + 3 * stage.walk_s):
        return False
    plan = stage.plan
    gate, near = plan.rooms["GATE"].at(3.5, 1.0), plan.rooms["YARD"].at(12, 4)
    line = plan.rooms["PER-N"].y0
    leg = Leg.at(begin, gate).walk([*plan.way(gate, "GATE", near, "YARD")[1:], (near[0], line - 1)])
    over = leg.walk([(near[0], line + 0.6)]).end
    leg.stay(over + 8).walk(plan.way(near, "YARD", gate, "GATE"))
    stage.people.append(Person(None, "worker", "unknown", gate, "GATE", present=(begin, leg.end), legs=[leg]))
    stage.expect("per-01", "worker_over_the_line", "PER-N", [], over - 1, over + 8)
    return True


@incident("cel-15", 780)
def high_risk_alone(stage: Stage, begin: float) -> bool:
    """A detainee of the highest level waits alone for six minutes and a half, the escort outside the room."""
    end = begin + 390 + 4 * stage.walk_s
    detainee = stage.pick(stage.detainees(block="A"), begin, end)
    escort = stage.pick(stage.escorts, begin, end)
    if detainee is None or escort is None or not stage.take_room("MED-W", begin, end):
        return False
    spot, until = stage.plan.rooms["MED-W"].at(2.5, 2.5), begin + 2 * stage.walk_s + 390
    trip = escorted(stage, detainee[0], escort[0], "MED-W", spot, begin, until)
    fields = person_fields(detainee[0], present=True)
    stage.post(begin, "person", "register", **{**fields, "custody_level": "red"})
    stage.post(trip.end, "person", "register", **fields)
    stage.expect("cel-15", "high_risk_alone", "MED-W", [], trip.arrive, until)
    return True
