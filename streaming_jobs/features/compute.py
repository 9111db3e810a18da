"""Feature matrices of a second, one per grain, from the world and the second's detections.

Values are NaN where the feature is not observable. Nothing here loops over rules, and pair features
exist for near pairs only (a k-d tree finds them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from streaming_jobs.features.apply import STALE_S, Observations
from streaming_jobs.features.registry import COLUMNS, Grain
from streaming_jobs.features.world import MOTIONS, POSTURES, ROLES, Floats, Longs, World

PAIR_M = 3.0  # m; no rule looks at pairs further apart
SLOT_MS = 200.0  # detections of one slot count as simultaneous
BLIND_S = 60  # a zone unwatched for longer makes a patrol round without check-in unobservable
BAND_SILENT_S = 60  # a wristband silent for longer says nothing about a fall
EARLY_S = 300  # a check-in this long before the round still belongs to it
_APART = 1e6  # m between slots in the tree, so that only detections of one slot are neighbours


@dataclass
class Grid:
    """One grain's entities and features. ``keys`` E names; ``values`` (E, F); ``rows`` entity rows.

    ``rows`` is (E,) for subjects, (E, 2) for pairs and zone numbers (E,) for zones; -1 where the
    entity is gone.
    """

    keys: list[str]
    values: Floats
    rows: Longs

    @classmethod
    def empty(cls, grain: Grain, count: int, width: int = 1) -> Grid:
        shape = (count,) if width == 1 else (count, width)
        return cls([], np.full((count, len(COLUMNS[grain])), np.nan), np.full(shape, -1, dtype=np.int64))

    def set(self, grain: Grain, name: str, values: npt.ArrayLike) -> None:
        self.values[:, COLUMNS[grain][name]] = values


def compute(world: World, second: int, seen: Observations, running: dict[Grain, Sequence[str]]) -> dict[Grain, Grid]:
    """Features of all grains in one second.

    Args:
        second: event time, s.
        seen: the second's detections from ``apply_second``.
        running: keys with a running timer; they get a row even if nobody saw them.
    """
    watched = _watched(world, second)
    counts = _zone_counts(world, second)
    return {
        "facility": _facility(world, second, watched),
        "zone": _zones(world, second, watched, counts),
        "subject": _subjects(world, second, running["subject"]),
        "pair": _pairs(world, second, seen, running["pair"], watched, counts),
    }


def _camera_blind_s(world: World, second: int) -> Floats:
    """Seconds since each camera's last good frame, shape (C,)."""
    last = [world.frame_s.get(name, world.since_s) for name in world.plan.cameras]
    return second - np.array(last, dtype=np.float64)


def _zone_blind_s(world: World, second: int) -> Floats:
    """The same of the best camera that covers each zone, shape (Z,); NaN without a camera."""
    plan = world.plan
    if not plan.cameras:
        return np.full(len(plan.zones), np.nan)
    best = np.where(plan.covers, _camera_blind_s(world, second)[None, :], np.inf).min(axis=1)
    return np.where(np.isinf(best), np.nan, best)


def _watched(world: World, second: int) -> npt.NDArray[np.bool_]:
    """Zones that a working camera covers now, shape (Z,)."""
    return _zone_blind_s(world, second) < STALE_S


def _in_sight(world: World, second: int) -> npt.NDArray[np.bool_]:
    entities = world.entities
    seen: npt.NDArray[np.bool_] = (second - entities["seen_s"] < STALE_S) & (entities["zone"] >= 0)
    return seen


def _zone_counts(world: World, second: int) -> dict[str, Floats]:
    """People of a role in each zone and the zones within it, shape (Z,) per role."""
    plan, entities = world.plan, world.entities
    sight = _in_sight(world, second)
    counts = {}
    for name in ("detainee", "officer"):
        chosen = sight & (entities["role"] == ROLES[name])
        number = np.bincount(entities["zone"][chosen], minlength=len(plan.zones)).astype(np.float64)
        inner = plan.parent >= 0
        np.add.at(number, plan.parent[inner], number[inner].copy())
        counts[name] = number
    return counts


def _facility(world: World, second: int, watched: npt.NDArray[np.bool_]) -> Grid:
    grid = Grid.empty("facility", 1)
    grid.keys = [""]
    grid.set("facility", "facility.people", float(_in_sight(world, second).sum()) if watched.any() else np.nan)
    return grid


def _zones(world: World, second: int, watched: npt.NDArray[np.bool_], counts: dict[str, Floats]) -> Grid:
    plan = world.plan
    grid = Grid.empty("zone", len(plan.zones))
    grid.keys, grid.rows = plan.zones, np.arange(len(plan.zones))
    grid.set("zone", "zone.detainees", np.where(watched, counts["detainee"], np.nan))
    grid.set("zone", "zone.officers", np.where(watched, counts["officer"], np.nan))
    grid.set("zone", "zone.session_open", [float(name in world.sessions) for name in plan.zones])
    blind = _zone_blind_s(world, second)
    # A place within another (a bed in a cell) is watched with it: one alert for both.
    grid.set("zone", "zone.camera_blind_s", np.where(plan.parent >= 0, np.nan, blind))
    grid.set("zone", "zone.patrol_overdue_s", _patrol_overdue(world, second, blind))
    return grid


def _patrol_overdue(world: World, second: int, blind: Floats) -> Floats:
    plan = world.plan
    for number in np.flatnonzero(blind > BLIND_S):
        world.blind_s[plan.zones[number]] = second
    starts = plan.round_starts(second)
    visits = np.array([world.visit_s.get(name, -1) for name in plan.zones], dtype=np.int64)
    blinded = np.array([world.blind_s.get(name, -1) for name in plan.zones], dtype=np.int64)
    # A round that began before the plan came into force cannot be judged.
    due = (starts >= world.since_s) & (visits < starts - EARLY_S)
    overdue = np.where(due, (second - starts).astype(np.float64), 0.0)
    return np.where(due & (blinded >= starts), np.nan, overdue)


def _subjects(world: World, second: int, running: Sequence[str]) -> Grid:
    entities, plan = world.entities, world.plan
    current = np.flatnonzero(np.maximum(entities["seen_s"], entities["band_s"] + BAND_SILENT_S) >= second - STALE_S)
    keys = [entities.keys[i] for i in current]
    known = set(keys)
    extra = [key for key in running if key not in known]
    rows = np.concatenate([current, np.array([entities.index.get(key, -1) for key in extra], dtype=np.int64)])
    grid = Grid.empty("subject", len(rows))
    grid.keys, grid.rows = keys + extra, rows
    if not len(rows) or not len(entities):
        return grid
    gone = rows < 0
    sight = ~gone & _in_sight(world, second)[rows]
    zone = entities["zone"][rows]
    posture, role = entities["posture"][rows], entities["role"][rows]

    def seen(values: npt.NDArray[np.generic]) -> Floats:
        return np.where(sight, values.astype(np.float64), np.nan)

    grid.set(
        "subject", "subject.speed", np.where(entities["seen_s"][rows] == second, seen(entities["speed"][rows]), np.nan)
    )
    grid.set("subject", "subject.running_allowed", seen(plan.running_allowed[zone]))
    grid.set("subject", "subject.on_bed", seen(plan.is_bed[zone]))
    lying = np.where(posture == POSTURES["unknown"], np.nan, (posture == POSTURES["lying"]).astype(np.float64))
    grid.set("subject", "subject.lying", seen(lying))
    detainee = np.where(role == ROLES["unknown"], np.nan, (role == ROLES["detainee"]).astype(np.float64))
    grid.set("subject", "subject.detainee", np.where(gone, np.nan, detainee))
    band = entities["band_s"][rows]
    silent = (band > 0) & (second - band > BAND_SILENT_S)
    fallen = entities["fallen"][rows].astype(np.float64)
    grid.set("subject", "subject.fallen", np.where(gone | silent, np.nan, np.where(band > 0, fallen, 0.0)))
    return grid


def _near_pairs(seen: Observations) -> tuple[Longs, Longs, Floats]:
    """Simultaneous detections of two entities within PAIR_M: indices (P,), (P,), distance (P,) in m."""
    slot = np.floor(seen.t_ms / SLOT_MS)
    points = np.stack([seen.x, seen.y, (slot - slot.min()) * _APART], axis=1)
    found = cKDTree(points).query_pairs(PAIR_M, output_type="ndarray")
    a, b = found[:, 0], found[:, 1]
    other = seen.row[a] != seen.row[b]
    a, b = a[other], b[other]
    return a, b, np.hypot(seen.x[a] - seen.x[b], seen.y[a] - seen.y[b])


def _pairs(
    world: World,
    second: int,
    seen: Observations,
    running: Sequence[str],
    watched: npt.NDArray[np.bool_],
    counts: dict[str, Floats],
) -> Grid:
    entities = world.entities
    width = len(COLUMNS["pair"])
    keys: list[str] = []
    values = np.zeros((0, width))
    rows = np.zeros((0, 2), dtype=np.int64)
    if len(seen.row) > 1:
        a, b, distance = _near_pairs(seen)
        if len(a):
            low, high = np.minimum(seen.row[a], seen.row[b]), np.maximum(seen.row[a], seen.row[b])
            code, inverse = np.unique(low * len(entities) + high, return_inverse=True)
            rows = np.stack([code // len(entities), code % len(entities)], axis=1)
            values = _pair_values(world, rows, inverse, distance, seen.motion[a], seen.motion[b], watched, counts)
            names = [(entities.keys[i], entities.keys[j]) for i, j in rows]
            keys = [f"{min(pair)}|{max(pair)}" for pair in names]
    known = set(keys)
    extra = [key for key in running if key not in known]
    if extra:
        more = np.full((len(extra), width), np.nan)
        both = np.array([[entities.index.get(k, -1) for k in key.split("|", 1)] for key in extra], dtype=np.int64)
        apart = (both >= 0).all(axis=1) & (entities["seen_s"][both] == second).all(axis=1)
        more[apart, COLUMNS["pair"]["pair.distance"]] = np.inf  # both in sight, and not near
        keys, values, rows = keys + extra, np.concatenate([values, more]), np.concatenate([rows, both])
    return Grid(keys, values, rows)


def _pair_values(
    world: World,
    rows: Longs,
    inverse: npt.NDArray[np.intp],
    distance: Floats,
    motion_a: npt.NDArray[np.int64],
    motion_b: npt.NDArray[np.int64],
    watched: npt.NDArray[np.bool_],
    counts: dict[str, Floats],
) -> Floats:
    """Features of near pairs. ``rows`` (P, 2); the other arrays (D,) are their simultaneous detections."""
    entities = world.entities
    grid = Grid(["" for _ in rows], np.full((len(rows), len(COLUMNS["pair"])), np.nan), rows)
    nearest = np.full(len(rows), np.inf)
    np.minimum.at(nearest, inverse, distance)
    grid.set("pair", "pair.distance", nearest)

    known = (motion_a != MOTIONS["unknown"]) | (motion_b != MOTIONS["unknown"])
    abrupt = (motion_a == MOTIONS["abrupt"]).astype(float) + (motion_b == MOTIONS["abrupt"])
    inactive = (motion_a == MOTIONS["inactive"]).astype(float) + (motion_b == MOTIONS["inactive"])
    most, least = np.full(len(rows), -np.inf), np.full(len(rows), np.inf)
    np.maximum.at(most, inverse[known], abrupt[known])
    np.minimum.at(least, inverse[known], inactive[known])
    grid.set("pair", "pair.abrupt", np.where(np.isinf(most), np.nan, most))
    grid.set("pair", "pair.inactive", np.where(np.isinf(least), np.nan, least))

    role = entities["role"][rows]
    detainees = (role == ROLES["detainee"]).sum(axis=1).astype(np.float64)
    grid.set("pair", "pair.detainees", np.where((role == ROLES["unknown"]).any(axis=1), np.nan, detainees))

    used = np.unique(rows)
    blocks: dict[str, int] = {"": -1}
    block_of = np.full(len(entities), -1, dtype=np.int64)
    for number in used:
        person = world.persons.get(entities.keys[number])
        block_of[number] = blocks.setdefault(person.block, len(blocks)) if person is not None else -1
    block = block_of[rows]
    same = (block[:, 0] == block[:, 1]).astype(np.float64)
    grid.set("pair", "pair.same_block", np.where((block < 0).any(axis=1), np.nan, same))

    zone = entities["zone"][rows]
    escorted = (counts["officer"][zone] > 0).any(axis=1).astype(np.float64)
    grid.set("pair", "pair.escorted", np.where(watched[zone].any(axis=1), escorted, np.nan))
    return grid.values
