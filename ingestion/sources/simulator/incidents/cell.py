"""Incidents in cells and among detainees."""

from __future__ import annotations

from ingestion.sources.simulator.activities import beside_door, escorted, go_home
from ingestion.sources.simulator.incidents.kinds import incident
from ingestion.sources.simulator.movement import ABRUPT, LYING, STANDING, Leg
from ingestion.sources.simulator.stage import Stage


@incident("cel-01", 60)
def fight(stage: Stage, begin: float) -> bool:
    """Two cell mates go for each other for ten seconds, both moving abruptly."""
    for cell in stage.plan.cells["A"] + stage.plan.cells["B"]:
        pair = stage.pick(stage.detainees(cell=cell), begin, begin + 60, 2)
        if pair is None:
            continue
        (ax, ay), (bx, by) = (stage.home(p, begin)[0] for p in pair)
        length = max(0.1, ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5)
        near = (bx - 0.6 * (bx - ax) / length, by - 0.6 * (by - ay) / length)
        a, b = (stage.start_leg(p, begin) for p in pair)
        a.walk([near])
        clash, over = a.end, a.end + 10
        b.stay(clash)
        for leg, (x, y) in ((a, near), (b, (bx, by))):
            leg.be(STANDING, ABRUPT)
            while leg.end < over - 0.5:
                leg.t += [leg.end + 0.25, leg.end + 0.5]
                leg.x += [x + 0.1, x]
                leg.y += [y, y]
            leg.stay(over).be(STANDING)
        a.walk([(ax, ay)])
        for person, leg in zip(pair, (a, b), strict=True):
            person.legs.append(leg)
        stage.expect("cel-01", "fight", pair[0].cell or "", pair, clash, over)
        return True
    return False


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


@incident("cel-06", 120)
def person_down(stage: Stage, begin: float) -> bool:
    """Somebody lies on the cell's floor for a minute."""
    floor = [p for p in stage.detainees() if not p.home_zone.endswith("/bed")]
    found = stage.pick(floor, begin, begin + 90)
    if found is None:
        return False
    person = found[0]
    leg = stage.start_leg(person, begin)
    leg.walk([person.home])
    down = leg.end
    leg.be(LYING).stay(down + 60).walk([stage.home(person, begin + 90)[0]])
    person.legs.append(leg)
    stage.expect("cel-06", "person_down", person.home_zone, [person], down, down + 60)
    return True


@incident("cel-12", 480)
def blocks_meet(stage: Stage, begin: float) -> bool:
    """Two detainees of different blocks are left alone in the medical waiting room for half a minute."""
    end = begin + 120 + 4 * stage.walk_s
    pair = [stage.pick(stage.detainees(block=b), begin, end) for b in ("A", "B")]
    officers = stage.pick(stage.escorts, begin, end, 2)
    if pair[0] is None or pair[1] is None or officers is None or not stage.take_room("MED-W", begin, end):
        return False
    people, until = [pair[0][0], pair[1][0]], begin + 2 * stage.walk_s + 40
    room = stage.plan.rooms["MED-W"]
    trips = [
        escorted(stage, person, officer, "MED-W", room.at(2.5, 2 + n), begin, until + 15 * n)
        for n, (person, officer) in enumerate(zip(people, officers, strict=True))
    ]
    stage.expect("cel-12", "blocks_meet", "MED-W", people, max(t.arrive for t in trips), until)
    return True
