"""The sheet of a second: who and what gets a row in each grain, and the matrices to be filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from streaming_jobs.features.feature import Grain
from streaming_jobs.features.perceive import STALE_S, Observations
from streaming_jobs.features.register import Roll, roll_of
from streaming_jobs.features.world import NEVER_MS, ROLES, Bools, Entities, Floats, Longs, World

PAIR_M = 3.0  # m; no rule looks at pairs further apart
SLOT_MS = 200.0  # detections of one slot count as simultaneous
BAND_SILENT_S = 60  # a wristband silent for longer says nothing about its wearer
_PAIR_KEYS = 100_000  # names of pairs that are kept at hand
_APART = 1e6  # m between slots in the tree, so that only detections of one slot are neighbours


@dataclass
class Grid:
    """One grain's entities and features. ``keys`` E names; ``values`` (E, F); ``rows`` entity rows.

    ``rows`` is (E,) for subjects, (E, 2) for pairs and zone numbers (E,) for zones; -1 where the
    entity is not known to the cameras or wristbands.
    """

    columns: Mapping[str, int]
    keys: list[str]
    values: Floats
    rows: Longs

    @classmethod
    def empty(cls, columns: Mapping[str, int], keys: list[str], rows: Longs) -> Grid:
        return cls(columns, keys, np.full((len(keys), len(columns)), np.nan), rows)


@dataclass(frozen=True)
class Meetings:
    """Simultaneous detections of two entities within PAIR_M. Shape (D,) each.

    ``pair``: row of the pair in the pair grid; ``a``, ``b``: numbers of the detections in the
    second's observations; ``distance`` in m.
    """

    pair: npt.NDArray[np.intp]
    a: npt.NDArray[np.intp]
    b: npt.NDArray[np.intp]
    distance: Floats


class Sheet:
    """A second to be filled by the domains. Shapes: Z zones, E entities, S subjects, P pairs."""

    def __init__(
        self,
        world: World,
        second: int,
        seen: Observations,
        columns: Mapping[Grain, Mapping[str, int]],
        watched_pairs: Sequence[str] = (),
    ) -> None:
        """Args: watched_pairs: keys of pairs that get a row even if the two are far apart."""
        self.world, self.second, self.seen = world, second, seen
        entities = world.entities
        self.in_sight: Bools = (second - entities["seen_s"] < STALE_S) & (entities["zone"] >= 0)
        self.blind_s = _zone_blind_s(world, second)
        self.watched: Bools = self.blind_s < STALE_S
        self.subjects = _subject_keys(world, second)
        pair_keys, pair_rows, self.meetings = _pairs(world, seen, watched_pairs)
        rows = np.array([entities.index.get(key, -1) for key in self.subjects], dtype=np.int64)
        zones = world.plan.zones
        self.grids: dict[Grain, Grid] = {
            "facility": Grid.empty(columns["facility"], [""], np.zeros(1, dtype=np.int64)),
            "zone": Grid.empty(columns["zone"], zones, np.arange(len(zones))),
            "subject": Grid.empty(columns["subject"], self.subjects, rows),
            "pair": Grid.empty(columns["pair"], pair_keys, pair_rows),
        }
        self._counts: dict[str, Floats] = {}
        self.refused: dict[int, str] = {}  # number of an event that a domain raised over: what it said

    def set(self, feature: str, values: npt.ArrayLike) -> None:
        """Fill a column; a number or an array with one value a row, NaN where not observable."""
        grid = self.grids[feature.split(".", 1)[0]]  # type: ignore[index]
        grid.values[:, grid.columns[feature]] = values

    def get(self, feature: str) -> Floats:
        """A column that a domain before filled."""
        grid = self.grids[feature.split(".", 1)[0]]  # type: ignore[index]
        return grid.values[:, grid.columns[feature]]

    @cached_property
    def subject_index(self) -> dict[str, int]:
        """Row of each subject by pseudonym."""
        return {name: row for row, name in enumerate(self.subjects)}

    @cached_property
    def roll(self) -> Roll:
        """What the register says of the subjects."""
        return roll_of(self.world, self.subjects)

    @cached_property
    def subject_seen(self) -> Bools:
        """Subjects in the sight of a camera, shape (S,)."""
        rows = self.grids["subject"].rows
        return self.of_entities(self.in_sight, rows, False)

    @cached_property
    def subject_zone(self) -> Longs:
        """Zone of each subject by camera, else by a wristband heard in the last minute; -1 unknown, shape (S,)."""
        heard = self.second - self.subject_column("band_s", NEVER_MS) <= BAND_SILENT_S
        by_band = np.where(heard, self.subject_column("band_zone"), -1)
        return np.where(self.subject_seen, self.subject_column("zone"), by_band)

    @cached_property
    def subject_room(self) -> Longs:
        """As ``subject_zone``, with the places within a zone taken for the zone; -1 unknown, shape (S,)."""
        return np.where(self.subject_zone >= 0, self.world.plan.top[self.subject_zone], -1)

    @cached_property
    def people(self) -> Floats:
        """People of any role in sight in each zone and the places within it, shape (Z,)."""
        return self.count_where(np.ones(len(self.world.entities), dtype=np.bool_))

    def of_entities(self, column: npt.NDArray[Any], rows: Longs, missing: float) -> npt.NDArray[Any]:
        """Values of an entity column (E,) at ``rows``; ``missing`` where the row is -1."""
        if not len(column):
            return np.full(rows.shape, missing, dtype=column.dtype)
        values: npt.NDArray[Any] = np.where(rows >= 0, column[rows], missing).astype(column.dtype)
        return values

    def subject_column(self, name: str, missing: float = -1) -> npt.NDArray[Any]:
        """An entity column by subject, shape (S,)."""
        return self.of_entities(self.world.entities[name], self.grids["subject"].rows, missing)

    def count(self, role: str) -> Floats:
        """People of a role in sight in each zone and the places within it, shape (Z,)."""
        if role not in self._counts:
            self._counts[role] = self.count_where(self.world.entities["role"] == ROLES[role])
        return self._counts[role]

    def count_where(self, chosen: Bools) -> Floats:
        """Entities in sight for which ``chosen`` (E,) holds, by zone and the places within it, shape (Z,)."""
        plan, entities = self.world.plan, self.world.entities
        number = np.bincount(entities["zone"][self.in_sight & chosen], minlength=len(plan.zones)).astype(np.float64)
        inner = plan.parent >= 0
        np.add.at(number, plan.parent[inner], number[inner].copy())
        return number

    def by_zone(self, values: Mapping[str, float], others: float) -> Floats:
        """Values by zone id as an array, ``others`` where there is none, shape (Z,)."""
        return _scattered(self.world.plan.zone_index, values, others)

    def by_subject(self, values: Mapping[str, float], others: float) -> Floats:
        """Values by pseudonym as an array, ``others`` where there is none, shape (S,)."""
        if not values:
            return np.full(len(self.subjects), others)
        return _scattered(self.subject_index, values, others)


def _scattered(index: Mapping[str, int], values: Mapping[str, float], others: float) -> Floats:
    filled = np.full(len(index), others, dtype=np.float64)
    chosen = [(row, value) for name, value in values.items() if (row := index.get(name)) is not None]
    if chosen:
        rows, found = zip(*chosen, strict=True)
        filled[list(rows)] = found
    return filled


def _zone_blind_s(world: World, second: int) -> Floats:
    """Seconds since the last good frame of the best camera that covers each zone, (Z,); NaN without a camera."""
    plan = world.plan
    if not plan.cameras:
        return np.full(len(plan.zones), np.nan)
    last = [world.frame_s.get(name, world.since_s) for name in plan.cameras]
    blind = second - np.array(last, dtype=np.float64)
    best = np.where(plan.covers, blind[None, :], np.inf).min(axis=1)
    return np.where(np.isinf(best), np.nan, best)


def _subject_keys(world: World, second: int) -> list[str]:
    """Everybody registered here, or seen or heard lately."""
    entities = world.entities
    last = np.maximum(entities["seen_s"], entities["band_s"] + BAND_SILENT_S)
    keys = dict.fromkeys(world.persons)
    keys |= dict.fromkeys(entities.keys[i] for i in np.flatnonzero(last >= second - STALE_S))
    return list(keys)


def _pairs(world: World, seen: Observations, watched: Sequence[str]) -> tuple[list[str], Longs, Meetings]:
    """Near pairs of the second and those watched anyway: keys, entity rows (P, 2), meetings."""
    entities = world.entities
    keys: list[str] = []
    rows = np.zeros((0, 2), dtype=np.int64)
    none = np.zeros(0, dtype=np.intp)
    meetings = Meetings(none, none, none, np.zeros(0))
    if len(seen.row) > 1:
        slot = np.floor(seen.t_ms / SLOT_MS)
        points = np.stack([seen.x, seen.y, (slot - slot.min()) * _APART], axis=1)
        found = cKDTree(points).query_pairs(PAIR_M, output_type="ndarray")
        a, b = found[:, 0], found[:, 1]
        other = seen.row[a] != seen.row[b]
        a, b = a[other], b[other]
        low, high = np.minimum(seen.row[a], seen.row[b]), np.maximum(seen.row[a], seen.row[b])
        code, pair = np.unique((low << 32) + high, return_inverse=True)
        rows = np.stack([code >> 32, code & 0xFFFFFFFF], axis=1)
        keys = [entities.pair_keys.get(c) or _name(entities, c) for c in code.tolist()]
        meetings = Meetings(pair, a, b, np.hypot(seen.x[a] - seen.x[b], seen.y[a] - seen.y[b]))
    near = set(keys)
    extra = [key for key in dict.fromkeys(watched) if key not in near]
    if extra:
        both = np.array([[entities.index.get(k, -1) for k in key.split("|", 1)] for key in extra], dtype=np.int64)
        keys, rows = keys + extra, np.concatenate([rows, both])
    return keys, rows, meetings


def _name(entities: Entities, code: int) -> str:
    if len(entities.pair_keys) >= _PAIR_KEYS:
        entities.pair_keys.clear()
    key = pair_key(entities.keys[code >> 32], entities.keys[code & 0xFFFFFFFF])
    entities.pair_keys[code] = key
    return key


def pair_key(one: str, other: str) -> str:
    """The key of a pair, the same whichever comes first."""
    return f"{min(one, other)}|{max(one, other)}"
