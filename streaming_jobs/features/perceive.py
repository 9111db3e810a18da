"""What all domains see: people by camera and wristband, the cameras themselves, the plan, who is who."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from streaming_jobs.features.world import MOTIONS, NEVER_MS, POSTURES, ROLES, Floats, Longs, Person, Plan, World

STALE_S = 3  # a person not observed for longer is out of sight
FORGET_S = 900  # and after this long the row is dropped
MAX_SPEED = 12.0  # m/s; nobody is faster, so a larger step is a swapped track, not a movement
FACTS = ("sex", "minor", "age_band", "case_class", "first_custody", "health_flags", "admitted_at", "custody_level")


@dataclass(frozen=True)
class Observations:
    """All detections of a second. Shape (N,) each: entity row, time (ms), floor position (m), motion code."""

    row: Longs
    t_ms: Floats
    x: Floats
    y: Floats
    motion: npt.NDArray[np.int64]


_NONE = Observations(*(np.zeros(0, dtype=kind) for kind in (np.int64, float, float, float, np.int64)))


def perceive(world: World, second: int, events: Sequence[Any]) -> Observations:
    """Change the world (in place) by the events of a second, sorted by event time.

    Args:
        events: decoded contract structs.

    Returns:
        The second's detections, for features that need more than the last position.
    """
    frames = []
    for event in events:
        if type(event).__name__ == "VideoFrame":
            frames.append(event)
        elif (handler := _HANDLERS.get(type(event).__name__)) is not None:
            handler(world, second, event)
    return _see(world, second, frames) if frames else _NONE


def _see(world: World, second: int, frames: list[Any]) -> Observations:
    plan, entities = world.plan, world.entities
    # A camera that left the plan after its frame was admitted is no longer known.
    frames = [f for f in frames if f.device in plan.camera_index]
    for frame in frames:
        if world.camera_state.get(frame.device, "ok") == "ok":
            world.frame_s[frame.device] = second
    # The same for a zone.
    known = plan.zone_index
    shown = [(f, [d for d in f.detections if d.zone in known]) for f in frames]
    found = [d for _, detections in shown for d in detections]
    if not found:
        return _NONE
    row = np.array(
        [entities.row(d.subject or f"{f.device}/{d.track}") for f, detections in shown for d in detections],
        dtype=np.int64,
    )
    number = [len(detections) for _, detections in shown]
    camera = np.repeat(np.array([plan.camera_index[f.device] for f in frames], dtype=np.int64), number)
    t_ms = np.repeat(np.array([f.event_time for f in frames], dtype=np.float64), number)
    image = np.array([[d.x for d in found], [d.y for d in found], [1.0] * len(found)])
    floor = np.einsum("nij,jn->in", plan.homography[camera], image)
    x, y = floor[0] / floor[2], floor[1] / floor[2]

    seen, inverse = np.unique(row, return_inverse=True)
    weight = 1.0 / np.bincount(inverse)
    mean_t, mean_x, mean_y = (np.bincount(inverse, weights=v) * weight for v in (t_ms, x, y))
    columns = entities.columns
    step_s = (mean_t - columns["t_ms"][seen]) / 1000.0
    fresh = (second - columns["seen_s"][seen] <= STALE_S) & (step_s > 0.2)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.hypot(mean_x - columns["x"][seen], mean_y - columns["y"][seen]) / step_s
    columns["speed"][seen] = np.where(fresh & (speed <= MAX_SPEED), speed, np.nan)
    columns["t_ms"][seen], columns["x"][seen], columns["y"][seen] = mean_t, mean_x, mean_y
    columns["seen_s"][seen] = second
    # Rows repeat; NumPy keeps the last value of a repeated index, which is the latest observation.
    columns["zone"][row] = [known[d.zone] for d in found]
    columns["camera"][row] = camera
    columns["posture"][row] = [POSTURES[d.posture] for d in found]
    role = np.array([ROLES[d.role] for d in found])
    told = role != ROLES["unknown"]
    columns["role"][row[told]] = role[told]
    return Observations(row, t_ms, x, y, np.array([MOTIONS[d.motion] for d in found], dtype=np.int64))


def _site_plan(world: World, second: int, event: Any) -> None:
    old, world.plan = world.plan, Plan(event)
    for column, names, index in (
        ("zone", old.zones, world.plan.zone_index),
        ("band_zone", old.zones, world.plan.zone_index),
        ("camera", old.cameras, world.plan.camera_index),
    ):
        moved = np.array([*(index.get(name, -1) for name in names), -1], dtype=np.int64)
        values = world.entities[column]
        values[:] = moved[values]


def _person(world: World, second: int, event: Any) -> None:
    world.register = None
    if not event.present:
        world.persons.pop(event.subject, None)
        return
    facts = {name: getattr(event, name) for name in FACTS}
    world.persons[event.subject] = Person(event.role, event.block, event.cell or "", facts)


def _wristband(world: World, second: int, event: Any) -> None:
    row = world.entities.row(event.subject)
    columns = world.entities.columns
    columns["band_s"][row] = second if event.worn else NEVER_MS
    columns["band_zone"][row] = world.plan.zone_index.get(event.zone or "", -1)


def _device(world: World, second: int, event: Any) -> None:
    if event.kind != "camera":
        return
    if event.state == "ok":
        world.camera_state.pop(event.device, None)
    else:
        world.camera_state[event.device] = event.state


_HANDLERS: dict[str, Callable[[World, int, Any], None]] = {
    "SitePlan": _site_plan,
    "PersonContext": _person,
    "WristbandReading": _wristband,
    "DeviceHealth": _device,
}


def forget(world: World, second: int) -> None:
    """Drop people who were neither seen nor heard for FORGET_S."""
    entities = world.entities
    entities.keep(np.maximum(entities["seen_s"], entities["band_s"]) >= second - FORGET_S)
