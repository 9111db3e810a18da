"""Measures against an epidemic in force, and what is done against them: contact, visits, temperatures not taken.

Rules about rights (hour outside, solitary confinement, lawyers) read nothing of this: a measure takes none away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.domains import meetings
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.layout import layout_of
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import ROLES, Longs, World

FEATURES = (
    Feature(
        "subject.quarantined",
        "bool",
        "A detainee in quarantine: by name, with the block, or with the whole facility.",
        "never",
    ),
    Feature(
        "subject.temperature_wait_s",
        "s",
        "Of a detainee in quarantine the time since the last temperature, or since the quarantine where none was taken "
        "in it; 0 for all others.",
        "never",
    ),
    Feature(
        "pair.quarantine_breach",
        "bool",
        "One of the two is in quarantine, the other a worker or a detainee who is not in the same one. Those of a "
        "quarantined block are together in it, so are those of one cell who are named; a quarantine by name stands "
        "before the block's, and that before the facility's. Officers, medical staff, lawyers and visitors are no "
        "breach.",
        "one is in quarantine, and the role or, of a detainee, the register entry of the other is unknown",
    ),
    Feature(
        "zone.visit_against_measure",
        "bool",
        "A family visit is open in person in the room although a quarantine, a fever cluster or a stop of visits is in "
        "force for the detainee, the block or the facility. Visits by screen, lawyers and consuls do not count.",
        "never",
    ),
    Feature(
        "zone.cluster_declared_s",
        "s",
        "Time since a fever cluster of this very block was declared, at the zone where its fevers are counted; "
        "infinite where no declaration that names the block is in force.",
        "never",
    ),
)


class Measure(msgspec.Struct):
    """A measure with its times (s); for one person, a block, or (both empty) the facility."""

    kind: str
    starts_s: int
    ends_s: int | None = None
    block: str = ""
    subject: str = ""


class State(msgspec.Struct):
    measures: dict[str, Measure] = {}
    since_s: dict[str, int] = {}  # pseudonym -> when he came into quarantine
    measured_s: dict[str, int] = {}  # pseudonym -> last temperature


def _measure(state: State, world: World, second: int, event: Any) -> None:
    ends_s = None if event.ends_at is None else event.ends_at // 1000
    if event.action == "impose":
        starts_s = second if event.starts_at is None else event.starts_at // 1000
        state.measures[event.measure] = Measure(event.kind, starts_s, ends_s, event.block, event.subject or "")
    elif event.measure in state.measures:
        known = state.measures[event.measure]
        ends_s = second if ends_s is None else ends_s
        known.ends_s = ends_s if known.ends_s is None else min(ends_s, known.ends_s)


def _medical(state: State, world: World, second: int, event: Any) -> None:
    if event.duty == "temperature" and event.temperature is not None and event.subject in world.persons:
        state.measured_s[event.subject] = second


def _person(state: State, world: World, second: int, event: Any) -> None:
    if not event.present:  # who comes back comes with the measures in force
        state.measures = {name: one for name, one in state.measures.items() if one.subject != event.subject}
        state.since_s.pop(event.subject, None)
        state.measured_s.pop(event.subject, None)


def _in_force(state: State, second: int) -> Iterator[Measure]:
    """Measures in force; drops those that are over."""
    over = [name for name, one in state.measures.items() if one.ends_s is not None and one.ends_s <= second]
    for name in over:
        del state.measures[name]
    return (one for one in state.measures.values() if one.starts_s <= second)


def _circles(world: World, quarantines: list[Measure]) -> dict[str, str]:
    """Detainees in quarantine, and the circle in which each may be with others: block, cell of the named, facility."""
    named = {one.subject for one in quarantines if one.subject}
    blocks = {one.block for one in quarantines if one.block and not one.subject}
    whole = any(not one.block and not one.subject for one in quarantines)
    found = {}
    for subject, person in world.persons.items():
        if person.role != "detainee":
            continue
        if subject in named:
            found[subject] = f"cell {person.cell}" if person.cell else f"person {subject}"
        elif person.block in blocks:
            found[subject] = f"block {person.block}"
        elif whole:
            found[subject] = "facility"
    return found


def _temperatures(state: State, sheet: Sheet, circles: dict[str, str]) -> None:
    second = sheet.second
    state.since_s = {subject: state.since_s.get(subject, second) for subject in circles}
    wait = {
        subject: float(second - max(since, state.measured_s.get(subject, since)))
        for subject, since in state.since_s.items()
    }
    sheet.set("subject.quarantined", sheet.by_subject(dict.fromkeys(circles, 1.0), 0.0))
    sheet.set("subject.temperature_wait_s", sheet.by_subject(wait, 0.0))


def _contacts(sheet: Sheet, circles: dict[str, str]) -> None:
    rows = sheet.grids["pair"].rows
    if not circles or not len(rows):
        sheet.set("pair.quarantine_breach", 0.0)
        return
    entities, persons = sheet.world.entities, sheet.world.persons
    number = {circle: n for n, circle in enumerate(dict.fromkeys(circles.values()))}
    circle_of = np.array([number[circles[key]] if key in circles else -1 for key in entities.keys], dtype=np.int64)
    listed = np.array([key in persons for key in entities.keys], dtype=np.bool_)
    circle = sheet.of_entities(circle_of, rows, -1)
    role: Longs = sheet.of_entities(entities["role"], rows, ROLES["unknown"])
    detainee = role == ROLES["detainee"]
    inside = circle >= 0
    unclear = ~inside & ((role == ROLES["unknown"]) | (detainee & ~sheet.of_entities(listed, rows, False)))
    counts = detainee | (role == ROLES["worker"]) | inside
    breach = np.where(counts.all(axis=1) & (circle[:, 0] != circle[:, 1]), 1.0, 0.0)
    sheet.set("pair.quarantine_breach", np.where(inside.any(axis=1) & unclear.any(axis=1), np.nan, breach))


def _visits(sheet: Sheet, measures: list[Measure]) -> None:
    """Who may be visited by the family is the appointments desk's rule (its plan, ``measures``): by screen only."""
    persons, against = sheet.world.persons, {}
    for visit in meetings.family_in_person(sheet.world) if measures else ():
        block = persons[visit.subject].block if visit.subject in persons else ""
        if any(one.subject == visit.subject if one.subject else one.block in ("", block) for one in measures):
            against[visit.zone] = 1.0
    sheet.set("zone.visit_against_measure", sheet.by_zone(against, 0.0))


def _clusters(sheet: Sheet, measures: list[Measure]) -> None:
    block_zone = layout_of(sheet.world.plan).block_zone
    declared: dict[str, float] = {}
    for one in measures:
        if one.kind == "fever_cluster" and not one.subject and one.block in block_zone:
            zone, age = block_zone[one.block], float(sheet.second - one.starts_s)
            declared[zone] = min(age, declared.get(zone, age))
    sheet.set("zone.cluster_declared_s", sheet.by_zone(declared, np.inf))


def compute(state: State, sheet: Sheet) -> None:
    measures = list(_in_force(state, sheet.second))
    circles = _circles(sheet.world, [one for one in measures if one.kind == "quarantine"]) if measures else {}
    _temperatures(state, sheet, circles)
    _contacts(sheet, circles)
    _visits(sheet, measures)
    _clusters(sheet, measures)


DOMAIN = Domain(
    "epidemic",
    FEATURES,
    compute,
    State,
    {"EpidemicMeasure": _measure, "MedicalEvent": _medical, "PersonContext": _person},
)
