"""How people move: legs of a diary, sampled for all people and a block of camera ticks at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ingestion.sources.simulator.plan import Point

POSTURES = ("standing", "sitting", "lying", "climbing", "unknown", "covered")
STANDING, SITTING, LYING, CLIMBING = range(4)
COVERED = 5
"""Lying with the head under the cover."""
MOTIONS = ("inactive", "active", "walking", "running", "abrupt", "unknown")
INACTIVE, ACTIVE, WALKING, RUNNING, ABRUPT = range(5)
BY_SPEED = -1
"""Motion that follows from the speed, and from a slow rhythm of small movements at rest."""
STILL = -2
"""At rest and without any small movement."""

WALK_MPS = 1.1
RUNNING_MPS = 2.5
Floats = npt.NDArray[np.float64]


@dataclass
class Leg:
    """What a person does from the first to the last point: corners with times (s), postures in between."""

    t: list[float]
    x: list[float]
    y: list[float]
    states: list[tuple[float, int, int]]
    """(time, posture, motion) from that time on."""

    @classmethod
    def at(cls, t: float, point: Point, posture: int = STANDING, motion: int = BY_SPEED) -> Leg:
        return cls([t], [point[0]], [point[1]], [(t, posture, motion)])

    @property
    def end(self) -> float:
        return self.t[-1]

    @property
    def place(self) -> Point:
        return self.x[-1], self.y[-1]

    def be(self, posture: int, motion: int = BY_SPEED) -> Leg:
        """Take a posture now."""
        self.states.append((self.end, posture, motion))
        return self

    def stay(self, until: float) -> Leg:
        """Stay where one is."""
        return self._to(max(until, self.end), self.place)

    def walk(self, points: Sequence[Point], speed: float = WALK_MPS) -> Leg:
        """Go through points at a speed in m/s."""
        self.be(STANDING)
        for point in points:
            x, y = self.place
            distance = float(np.hypot(point[0] - x, point[1] - y))
            if distance > 0:
                self._to(self.end + distance / speed, point)
        return self

    def _to(self, t: float, point: Point) -> Leg:
        self.t.append(t)
        self.x.append(point[0])
        self.y.append(point[1])
        return self


@dataclass
class Person:
    """A person of the simulated facility."""

    subject: str | None
    role: str
    sex: str
    home: Point
    home_zone: str
    bed: Point | None = None
    block: str = ""
    cell: str | None = None
    minor: bool = False
    facts: dict[str, object] = field(default_factory=dict)
    """What else the person's context says: age band, class of the case, health flags."""
    shift: str = ""
    """Shift of the roster that an officer at a post is on."""
    present: tuple[float, float] = (0.0, float("inf"))
    legs: list[Leg] = field(default_factory=list)

    def free(self, begin: float, end: float) -> bool:
        """Nothing is in the diary between the two times, and the person is in the facility."""
        here = self.present[0] <= begin and end <= self.present[1]
        return here and all(leg.end < begin or leg.t[0] > end for leg in self.legs)


class Tracks:
    """The legs of all people as flat arrays; gives positions and states for many ticks at once."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._people = [self._flat(p) for p in people]
        self.rest_phase = np.arange(len(people)) * 7

    @staticmethod
    def _flat(person: Person) -> tuple[Floats, ...]:
        legs = sorted(person.legs, key=lambda leg: leg.t[0])
        t = np.array([v for leg in legs for v in leg.t], dtype=np.float64)
        x = np.array([v for leg in legs for v in leg.x], dtype=np.float64)
        y = np.array([v for leg in legs for v in leg.y], dtype=np.float64)
        if np.any(np.diff(t) < -1e-9):
            raise ValueError(f"overlapping legs in the diary of {person.subject} at {t[:-1][np.diff(t) < 0]}")
        step = np.append(np.diff(t), 1.0)
        moving = step > 1e-9
        vx, vy = (np.where(moving, np.append(np.diff(v), 0) / np.where(moving, step, 1), 0) for v in (x, y))
        states = [s for leg in legs for s in leg.states]
        st = np.array([s[0] for s in states])
        return t, x, y, vx, vy, st, np.array([s[1] for s in states]), np.array([s[2] for s in states])

    def sample(
        self, ticks: Floats
    ) -> tuple[Floats, Floats, npt.NDArray[np.int8], npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
        """``(x, y, posture, motion, here)``, each (people, ticks); positions in metres, ``ticks`` in seconds."""
        shape = (len(self._people), len(ticks))
        x, y, speed = (np.zeros(shape) for _ in range(3))
        posture, motion = (np.zeros(shape, dtype=np.int8) for _ in range(2))
        here = np.zeros(shape, dtype=np.bool_)
        for row, (t, px, py, vx, vy, st, sp, sm) in enumerate(self._people):
            if not len(t) or t[0] > ticks[-1] or t[-1] < ticks[0]:
                continue
            at = np.searchsorted(t, ticks, side="right") - 1
            here[row] = (at >= 0) & (ticks <= t[-1])
            at = np.clip(at, 0, len(t) - 1)
            past = np.where(here[row], ticks - t[at], 0.0)
            x[row], y[row] = px[at] + vx[at] * past, py[at] + vy[at] * past
            speed[row] = np.hypot(vx[at], vy[at])
            state = np.clip(np.searchsorted(st, ticks, side="right") - 1, 0, len(st) - 1)
            posture[row], motion[row] = sp[state], sm[state]
        # At rest people move a little now and then: a third of the time awake, a tenth asleep.
        beat = np.floor(ticks / 5).astype(np.int64) + self.rest_phase[:, None]
        rest = np.where(
            np.where((posture == LYING) | (posture == COVERED), beat % 10 == 0, beat % 3 == 0), ACTIVE, INACTIVE
        )
        by_speed = np.where(speed > RUNNING_MPS, RUNNING, np.where(speed > 0.2, WALKING, rest))
        motion = np.where(motion == BY_SPEED, by_speed, np.where(motion == STILL, INACTIVE, motion)).astype(np.int8)
        return x, y, posture, motion, here
