"""Incidents of staff duty."""

from __future__ import annotations

from ingestion.sources.simulator.activities import beside_door, go_home
from ingestion.sources.simulator.incidents.kinds import incident
from ingestion.sources.simulator.movement import SITTING, STILL, Person
from ingestion.sources.simulator.programme import ROUNDS
from ingestion.sources.simulator.stage import Stage

GRACE_S = 600.0


def _rounds(stage: Stage) -> list[tuple[float, str]]:
    return sorted((t, text) for text in ROUNDS for t in stage.times_of_day(text))


@incident("stf-01", 0)
def patrol_skips_a_cell(stage: Stage, begin: float) -> bool:
    """The last round whose ten minutes of grace still end within the simulated time leaves out a cell, every day."""
    rounds = _rounds(stage)
    fitting = [(t, text) for t, text in rounds if t + GRACE_S + 20 < stage.end]
    cells = stage.plan.cells["B"] or stage.plan.cells["A"]
    if not fitting or not cells:
        return False
    _, round_ = fitting[-1]
    cell = cells[int(stage.rng.integers(len(cells)))]
    stage.skipped_visits.add((round_, cell))
    for at in (t for t, text in fitting if text == round_):
        following = next((t for t, _ in rounds if t > at), stage.end)
        stage.expect("stf-01", "patrol_skips_a_cell", cell, [], at + GRACE_S, following)
    return True


@incident("stf-02", 0)
def hasty_patrol(stage: Stage, begin: float) -> bool:
    """In the first round of block W, every day, the officer stays two seconds at each cell."""
    rounds = [(t, text) for t, text in _rounds(stage) if t + 120 < stage.end]
    if not rounds or not stage.plan.cells["W"]:
        return False
    _, round_ = rounds[0]
    stage.hasty_rounds[round_, "W"] = 2.0
    for at, cell in ((t, cell) for t, text in rounds if text == round_ for cell in stage.plan.cells["W"]):
        stage.expect("stf-02", "hasty_patrol", cell, [], at, at + stage.walk_s + 120)
    return True


def _step_out(stage: Stage, person: Person, begin: float, seconds: float, beside: str, along: float = 0.0) -> float:
    """Somebody leaves the own place for the hall and comes back; returns the time of being back."""
    plan = stage.plan
    out = beside_door(stage, beside, along)
    leg = stage.start_leg(person, begin)
    leg.walk(plan.way(leg.place, person.home_zone, out, "HALL")[1:]).stay(begin + seconds)
    go_home(stage, person, leg, "HALL")
    person.legs[-1].be(SITTING)
    return leg.end


@incident("stf-03", 160)
def control_room_empty(stage: Stage, begin: float) -> bool:
    """Both officers of the control room are out for a minute and a half."""
    officers = [p for p in stage.staff_of("CTL") if stage.free(p, begin, begin + 150)]
    changes = stage.shift_changes()
    if len(officers) < 2 or any(begin - 900 < t < begin + 900 for t in changes):
        return False
    for n, officer in enumerate(officers):
        _step_out(stage, officer, begin, 95, "CTL", along=float(n))
    stage.expect("stf-03", "control_room_empty", "CTL", [], begin + 5, begin + 95)
    return True


@incident("stf-04", 320)
def post_empty(stage: Stage, begin: float) -> bool:
    """The post of block B is empty for four minutes."""
    officers = [p for p in stage.staff_of("P-B") if stage.free(p, begin, begin + 310)]
    if not officers or any(begin - 900 < t < begin + 900 for t in stage.shift_changes()):
        return False
    back = _step_out(stage, officers[0], begin, 250, "M-1", along=-2.0)
    stage.expect("stf-04", "post_empty", "P-B", [], begin + 3, back - 3)
    return True


@incident("stf-05", 720)
def asleep_on_duty(stage: Stage, begin: float) -> bool:
    """The officer at the post of block A does not move for eleven and a half minutes."""
    officers = [p for p in stage.staff_of("P-A") if stage.free(p, begin, begin + 700)]
    if not officers or any(begin - 900 < t < begin + 900 for t in stage.shift_changes()):
        return False
    leg = stage.start_leg(officers[0], begin)
    leg.be(SITTING, STILL).stay(begin + 690)
    officers[0].legs.append(leg)
    stage.expect("stf-05", "asleep_on_duty", "P-A", officers, begin + 600, begin + 690)
    return True


@incident("stf-06", 260)
def officer_alone_in_a_cell(stage: Stage, begin: float) -> bool:
    """One officer goes into a cell among detainees for half a minute."""
    found = stage.pick(stage.escorts, begin, begin + 50 + 3 * stage.walk_s)
    cells = stage.plan.cells["A"]
    if found is None or not cells:
        return False
    officer, plan, cell = found[0], stage.plan, cells[0]
    leg = stage.start_leg(officer, begin)
    spot = plan.rooms[cell].at(3.4, 0.6)
    inside = leg.walk(plan.way(leg.place, officer.home_zone, spot, cell)[1:]).end
    leg.stay(inside + 30)
    go_home(stage, officer, leg, cell)
    stage.expect("stf-06", "officer_alone_in_a_cell", cell, [], inside, inside + 30)
    return True


@incident("stf-08", 0)
def handover_missing(stage: Stage, begin: float) -> bool:
    """The control room is relieved without handover and sign-off, at every change of shift."""
    changes = [t for t in stage.shift_changes() if t + 960 < stage.end]
    if not changes:
        return False
    stage.no_handover.add("CTL")
    for at in changes:
        stage.expect("stf-08", "handover_missing", "", [], at + 900, at + 960)
    return True


@incident("stf-09", 420)
def man_alone_in_the_womens_block(stage: Stage, begin: float) -> bool:
    """The woman at the post of block W is out for a while, and a male officer goes into the block."""
    end = begin + 100 + 4 * stage.walk_s
    women = [p for p in stage.staff_of("P-W") if stage.free(p, begin, end)]
    men = stage.pick([p for p in stage.escorts if p.sex == "male"], begin, end)
    busy = [t for t in (*stage.shift_changes(), *(t for t, _ in _rounds(stage))) if begin - 400 < t < end + 60]
    if not women or men is None or busy or not stage.plan.cells["W"]:
        return False
    plan, man = stage.plan, men[0]
    leg = stage.start_leg(man, begin)
    spot = plan.rooms["C-W"].at(5, 1.3)
    inside = leg.walk(plan.way(leg.place, man.home_zone, spot, "C-W")[1:]).end
    leg.stay(inside + 100)
    go_home(stage, man, leg, "C-W")
    _step_out(stage, women[0], inside, 104, "CTL", along=-2.0)
    stage.expect("stf-09", "man_alone_in_the_womens_block", "C-W", [], inside + 8, inside + 100)
    return True


@incident("stf-07", 60)
def officer_over_duty_hours(stage: Stage, begin: float) -> bool:
    """An officer signs on for a shift that was planned thirteen hours long and is over after twelve."""
    officer = stage.staff_of("D-1")[0]
    duty = {"shift": f"D-1-long-{begin:.0f}", "post": "D-1", "officer": officer.subject, "zone": "D-1"}
    when = {"starts_at": stage.ms(begin - 12 * 3600), "ends_at": stage.ms(begin + 3600)}
    stage.post(1, "duty", "roster", action="plan", **duty, **when)
    stage.post(2, "duty", "terminal-D-1", action="sign_on", **duty, **when)
    stage.expect("stf-07", "officer_over_duty_hours", "D-1", [officer], begin, stage.end)
    return True


@incident("stf-07", 200)
def officer_without_rest(stage: Stage, begin: float) -> bool:
    """An officer signs off and is on duty again after a minute."""
    officer = stage.staff_of("D-1")[1]
    for t, action, shift in (
        (1.0, "sign_on", "first"),
        (begin, "sign_off", "first"),
        (begin + 60, "sign_on", "second"),
        (begin + 180, "sign_off", "second"),
    ):
        duty = {"shift": f"D-1-{shift}-{begin:.0f}", "post": "D-1", "officer": officer.subject, "zone": "D-1"}
        stage.post(t, "duty", "terminal-D-1", action=action, **duty)
    stage.expect("stf-07", "officer_without_rest", "D-1", [officer], begin + 60, begin + 180)
    return True
