"""Medical duties that are due or done, and fever in the blocks."""

from __future__ import annotations

from typing import Any

import msgspec

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.layout import layout_of
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

EARLY_S = 2 * 3600  # a duty done this long before it is due counts for it
DROP_S = 7 * 86_400  # what was never done is dropped after a week
FEVER_C = 37.3  # Cel; the epidemic plan's line for fever
FEVER_S = 86_400
NEVER_S = 2**62

FEATURES = (
    Feature(
        "subject.medication_overdue_s",
        "s",
        "Time since the oldest medication was due that was neither given nor refused.",
        "never",
    ),
    Feature(
        "subject.consultation_overdue_s",
        "s",
        "Time since the oldest remote consultation should have been answered (since it was asked for, where no time "
        "was set).",
        "never",
    ),
    Feature(
        "subject.admission_wait_s",
        "s",
        "Time since the admission of a person whose admission examination is not done; 0 for those who were here "
        "before the platform was.",
        "never",
    ),
    Feature(
        "zone.medical_round_overdue_s", "s", "Time since a medical round of the zone was due that is not done.", "never"
    ),
    Feature(
        "zone.fevers",
        "persons",
        f"People of the block with a body temperature of {FEVER_C} Cel or more in the last 24 h; counted at the "
        "block's corridor (its first zone where it has none), 0 elsewhere.",
        "never",
    ),
)


class Due(msgspec.Struct):
    due_s: int
    order: str


class Fever(msgspec.Struct):
    block: str
    at_s: int


class State(msgspec.Struct):
    due: dict[str, dict[str, list[Due]]] = {}  # duty -> pseudonym (or zone, of a round) -> what is to be done
    admitted: dict[str, int] = {}  # pseudonym -> admission (s) without an examination
    examined: dict[str, int] = {}  # pseudonym -> second of the admission examination
    fever: dict[str, Fever] = {}  # pseudonym -> last fever
    late: dict[str, dict[str, int]] = {}  # duty -> pseudonym or zone -> oldest time (s) that has passed
    next_s: dict[str, int] = {}  # duty -> no other is due before this time


def _medical(state: State, world: World, second: int, event: Any) -> None:
    if event.duty == "temperature":
        _temperature(state, world, second, event)
    elif event.duty == "admission_examination":
        _examination(state, second, event)
    else:
        who = event.zone if event.duty == "round" and event.subject is None else event.subject
        if who is not None:
            _duty(state, who, second, event)


def _duty(state: State, who: str, second: int, event: Any) -> None:
    people = state.due.setdefault(event.duty, {})
    mine = people.get(who, [])
    if event.action in ("due", "asked"):
        due_s = second if event.due_at is None else event.due_at // 1000
        order = event.order or ""
        # The same order again corrects its time; the same time again is the same duty.
        mine = [d for d in mine if (d.order != order if order else d.due_s != due_s)]
        mine.append(Due(due_s, order))
    elif event.order:
        mine = [d for d in mine if d.order != event.order]
    else:
        mine = [d for d in mine if d.due_s > second + EARLY_S]
    if mine:
        people[who] = mine
    else:
        people.pop(who, None)
    _sort(state, event.duty, who, mine, second)


def _sort(state: State, duty: str, who: str, mine: list[Due], second: int) -> None:
    """Note what is late and what comes next, so that a second need not look at everything."""
    late = state.late.setdefault(duty, {})
    past = [d.due_s for d in mine if d.due_s < second]
    if past:
        late[who] = min(past)
    else:
        late.pop(who, None)
    state.next_s[duty] = min([state.next_s.get(duty, NEVER_S), *(d.due_s for d in mine if d.due_s >= second)])


def _examination(state: State, second: int, event: Any) -> None:
    if event.subject is None:
        return
    if event.action in ("due", "asked"):
        state.admitted.setdefault(event.subject, second)
    else:
        state.admitted.pop(event.subject, None)
        state.examined[event.subject] = second


def _temperature(state: State, world: World, second: int, event: Any) -> None:
    if event.subject is None or event.temperature is None or event.temperature < FEVER_C:
        return
    person = world.persons.get(event.subject)
    block = person.block if person is not None else ""
    if not block and event.zone in world.plan.zone_index:
        block = world.plan.event.zones[world.plan.zone_index[event.zone]].block
    state.fever[event.subject] = Fever(block, second)


def _person(state: State, world: World, second: int, event: Any) -> None:
    subject = event.subject
    if not event.present:
        for duty in state.due:
            state.due[duty].pop(subject, None)
            state.late[duty].pop(subject, None)
        state.admitted.pop(subject, None)
        state.examined.pop(subject, None)
    elif event.role == "detainee" and event.admitted_at is not None:
        admitted_s = event.admitted_at // 1000
        # Whether somebody who was here before was examined is in no event; a later admission asks for a new one.
        if admitted_s >= world.since_s and state.examined.get(subject, -1) < admitted_s:
            state.admitted[subject] = admitted_s


def _overdue(state: State, duty: str, second: int) -> dict[str, float]:
    """Seconds by pseudonym or zone, of those who wait longer than agreed."""
    if state.next_s.get(duty, NEVER_S) < second:
        state.next_s[duty] = NEVER_S
        for who, dues in state.due[duty].items():
            _sort(state, duty, who, dues, second)
    return {who: float(second - oldest) for who, oldest in state.late.get(duty, {}).items()}


def compute(state: State, sheet: Sheet) -> None:
    second, layout = sheet.second, layout_of(sheet.world.plan)
    if second % 3600 == 0:
        _forget(state, second)
    sheet.set("subject.medication_overdue_s", sheet.by_subject(_overdue(state, "medication", second), 0.0))
    sheet.set("subject.consultation_overdue_s", sheet.by_subject(_overdue(state, "remote_consultation", second), 0.0))
    waiting = {subject: float(second - since) for subject, since in state.admitted.items()}
    sheet.set("subject.admission_wait_s", sheet.by_subject(waiting, 0.0))
    sheet.set("zone.medical_round_overdue_s", sheet.by_zone(_overdue(state, "round", second), 0.0))
    fevers: dict[str, float] = {}
    for fever in state.fever.values():
        zone = layout.block_zone.get(fever.block)
        if zone is not None and second - fever.at_s < FEVER_S:
            fevers[zone] = fevers.get(zone, 0.0) + 1
    sheet.set("zone.fevers", sheet.by_zone(fevers, 0.0))


def _forget(state: State, second: int) -> None:
    state.fever = {s: f for s, f in state.fever.items() if second - f.at_s < FEVER_S}
    state.examined = {s: at for s, at in state.examined.items() if second - at < DROP_S}
    for duty, people in state.due.items():
        kept = {who: [d for d in dues if d.due_s > second - DROP_S] for who, dues in people.items()}
        state.due[duty] = {who: dues for who, dues in kept.items() if dues}
        state.late[duty], state.next_s[duty] = {}, NEVER_S
        for who, dues in state.due[duty].items():
            _sort(state, duty, who, dues, second)


DOMAIN = Domain("medical", FEATURES, compute, State, {"MedicalEvent": _medical, "PersonContext": _person})
