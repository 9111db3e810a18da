"""What sensors post by themselves: wristbands, doors, rooms, device health."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ingestion.sources.simulator.movement import COVERED, LYING, RUNNING, WALKING, Person, Tracks
from ingestion.sources.simulator.plan import FloorPlan
from ingestion.sources.simulator.stage import Posted, Stage

BAND_EVERY_S, ROOM_EVERY_S, HEALTH_EVERY_S = 8, 60, 60
DOOR_OPEN_S = 3.0
RANK = {"corridor": 1, "cell": 3, "bed": 3, "toilet": 3}
"""A door belongs to the room that lies deeper; the hall lies least deep."""


def door_events(stage: Stage, tracks: Tracks, people: list[Person], step_s: float = 0.5) -> Iterator[Posted]:
    """Passages of all doors with the badge of each who passes, and the doors' opening and closing."""
    plan = stage.plan
    rank = np.array([0 if z == "HALL" else RANK.get(r.kind, 2) for z, r in plan.rooms.items()])
    door_of = np.array([plan.index[r.parent or z] for z, r in plan.rooms.items()])
    # A post lies in its corridor without a door between them, and the muster area in the yard.
    for inner, open_to in [(f"P-{b}", f"C-{b}") for b in plan.cells] + [("MUSTER", "YARD")]:
        door_of[plan.index[inner]] = plan.index[open_to]
        rank[plan.index[inner]] = rank[plan.index[open_to]]
    passages: dict[int, list[tuple[float, int, int]]] = {}
    for begin in np.arange(0.0, stage.end, 300.0):
        ticks = np.arange(begin, min(begin + 300, stage.end) + step_s / 2, step_s)
        x, y, _, _, here = tracks.sample(ticks)
        zone = plan.zones_at(x, y)
        before, after = door_of[zone[:, :-1]], door_of[zone[:, 1:]]
        moved = (before != after) & here[:, :-1] & here[:, 1:]
        for row, column in np.argwhere(moved):
            a, b = int(before[row, column]), int(after[row, column])
            door = a if rank[a] > rank[b] else b
            passages.setdefault(door, []).append((float(ticks[column + 1]), int(row), int(zone[row, column + 1])))
    for door, found in passages.items():
        yield from _door(plan.ids[door], sorted(found), people, plan)


def _door(name: str, passages: list[tuple[float, int, int]], people: list[Person], plan: FloorPlan) -> Iterator[Posted]:
    door = f"door-{name}"
    closes = float("-inf")
    for t, row, zone in passages:
        where = {"door": door, "zone": name}
        if t - 0.2 > closes:
            if closes > float("-inf"):
                yield Posted(closes, "access", door, {"action": "close", **where})
            yield Posted(t - 0.1, "access", door, {"action": "open", **where})
        person = people[row]
        # Who is not of the facility gets a badge for the day at the gate.
        badge = person.subject or f"day-{row}"
        passed = {"door": door, "zone": plan.ids[zone], "badge": badge, "role": person.role, "persons": 1}
        yield Posted(t, "access", door, {"action": "passage", **passed})
        closes = t + DOOR_OPEN_S
    yield Posted(closes, "access", door, {"action": "close", "door": door, "zone": name})


def wristbands(
    stage: Stage, tracks: Tracks, people: list[Person], begin: int, end: int, rng: np.random.Generator
) -> Iterator[Posted]:
    """Readings of all detainees' bands in whole seconds [begin, end), each person every 8 s."""
    plan = stage.plan
    worn = [n for n, p in enumerate(people) if p.role == "detainee" and p.subject is not None]
    ticks = np.arange(begin, end, dtype=np.float64)
    x, y, posture, motion, here = tracks.sample(ticks)
    zones = plan.zones_at(x, y)
    special: dict[str | None, list[tuple[float, float, dict[str, object] | None]]] = {}
    for subject, a, b, replaced in stage.vitals:
        special.setdefault(subject, []).append((a, b, replaced or None))
    wobble: npt.NDArray[np.float64] = rng.normal(0, 1, (len(people), len(ticks)))
    for n in worn:
        person = people[n]
        base = 62 + (n * 37) % 21
        for column in range((n - begin) % BAND_EVERY_S, len(ticks), BAND_EVERY_S):
            if not here[n, column]:
                continue
            moving = motion[n, column] in (WALKING, RUNNING)
            effort = (
                55
                if motion[n, column] == RUNNING
                else 18
                if moving
                else -6
                if posture[n, column] in (LYING, COVERED)
                else 0
            )
            w = float(wobble[n, column])
            fields: dict[str, object] = {
                "subject": person.subject,
                "zone": plan.ids[zones[n, column]],
                "worn": True,
                "heart_rate": round(base + effort + 2 * w, 1),
                "spo2": round(min(99.5, 97.3 + 0.5 * w), 1),
                "skin_temperature": round(33.4 + 0.2 * w, 2),
                "motion": "moving" if moving else "still",
                "battery": float(95 - n % 40),
            }
            t = float(ticks[column]) + (n % 97) / 100
            change: dict[str, object] | None = {}
            for a, b, special_fields in special.get(person.subject, ()):
                if a <= t < b:
                    change = special_fields
            if change is not None:
                yield Posted(t, "wristband", f"band-{person.subject}", {**fields, **change})


def room_sensors(stage: Stage, begin: int, end: int, rng: np.random.Generator) -> Iterator[Posted]:
    """Air of every room once a minute."""
    for n, (zone, room) in enumerate(stage.plan.rooms.items()):
        if room.parent is not None or room.kind == "perimeter":
            continue
        for t in range(begin + (n - begin) % ROOM_EVERY_S, end, ROOM_EVERY_S):
            w = rng.normal(0, 1, 3)
            fields: dict[str, object] = {
                "zone": zone,
                "temperature": round(21.5 + 0.3 * float(w[0]), 1),
                "humidity": round(48 + 2 * float(w[1]), 1),
                "co2": round(620 + 40 * float(w[2]), 0),
                "light": 180.0,
            }
            for name, a, b, replaced in stage.air:
                if name == zone and a <= t < b:
                    fields |= replaced
            yield Posted(float(t), "environment", f"air-{zone}", fields)


def device_health(stage: Stage, begin: int, end: int) -> Iterator[Posted]:
    """Cameras, recorders and the gateway say once a minute that they are well; blind cameras do not."""
    devices = [(v.id, "camera", v.zones[0]) for v in stage.plan.views]
    devices += [(f"rec-{z}", "recorder", z) for z, r in stage.plan.rooms.items() if r.kind == "interrogation"]
    devices.append((f"gateway-{stage.place.facility}", "gateway", ""))
    for n, (device, kind, zone) in enumerate(devices):
        for second in range(begin + (n - begin) % HEALTH_EVERY_S, end, HEALTH_EVERY_S):
            t = second + 0.05
            if not any(camera == device and a <= t < b for camera, a, b in stage.blind):
                yield Posted(t, "device", device, {"zone": zone or None, "kind": kind, "state": "ok"})
