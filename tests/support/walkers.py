"""What annotations say of walking people: speeds, runners, crowds. Shares no code with the features.

Floor positions come from the file where it has metres (ETH). Boxes of MOT15 are put on the floor by a
pinhole camera: everybody 1.7 m tall, the focal length as long as the image is wide. That is rough (a
box that is 10 % too tall is 10 % too near), and it means nothing where the camera itself moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.distance import cdist

from ingestion.sources.mot import image_size
from ingestion.vision.boxes import Floats, Longs

BODY_M = 1.7
STEP_S = 0.4  # annotations are looked at this often; ETH has no more

Interval = tuple[float, float]


@dataclass(frozen=True)
class Walkers:
    """Annotated people at moments STEP_S apart. Shape (N,): time (s), who, ``at`` (N, 2) in m, speed (m/s).

    ``people``: how many the whole file has.
    """

    t: Floats
    who: Longs
    at: Floats
    speed: Floats
    people: int

    def runners(self, limit: float, hold_s: float) -> dict[int, Interval]:
        """Who is faster than ``limit`` (m/s) for at least ``hold_s``, and when."""
        found = {}
        for one in np.unique(self.who):
            mine = self.who == one
            fast = _stretches(self.t[mine], self.speed[mine] > limit, hold_s)
            if fast:
                found[int(one)] = fast[0]
        return found

    def crowds(self, people: int, hold_s: float, *, radius: float = 2.0, walking: float = 0.5) -> list[Interval]:
        """When at least ``people`` who stand (``walking`` m/s at most) are within ``radius`` of one of them."""
        moments = np.unique(self.t)
        largest = np.zeros(len(moments))
        for number, moment in enumerate(moments):
            spots = self.at[(self.t == moment) & (self.speed <= walking)]
            if len(spots):
                largest[number] = (cdist(spots, spots) <= radius).sum(axis=1).max()
        return _stretches(moments, largest >= people, hold_s)


def of_obsmat(path: Path, fps: float) -> Walkers:
    """An ETH ``obsmat``: positions and velocities are the file's own."""
    rows = np.loadtxt(path)
    speed = np.hypot(rows[:, 5], rows[:, 7])
    return Walkers(rows[:, 0] / fps, rows[:, 1].astype(np.int64), rows[:, [2, 4]], speed, len(np.unique(rows[:, 1])))


def of_boxes(path: Path, fps: float) -> Walkers:
    """A MOT15 ``gt.txt``; heights are the median of a second, speeds those over a second."""
    rows = np.loadtxt(path, delimiter=",")
    rows = rows[np.lexsort((rows[:, 0], rows[:, 1]))]
    width, _ = image_size(path) or (int((rows[:, 2] + rows[:, 4]).max()), 0)
    t, who = (rows[:, 0] - 1) / fps, rows[:, 1].astype(np.int64)
    at, speed = np.empty((len(rows), 2)), np.full(len(rows), np.nan)
    for one in np.unique(who):
        mine = np.flatnonzero(who == one)
        first, last = (np.searchsorted(t[mine], t[mine] + shift) for shift in (-0.5, 0.5))
        last = np.minimum(last, len(mine) - 1)
        height = np.array([np.median(rows[mine[a : b + 1], 5]) for a, b in zip(first, last, strict=True)])
        across = rows[mine, 2] + rows[mine, 4] / 2 - width / 2
        at[mine] = np.column_stack([across, np.full(len(mine), width)]) * (BODY_M / height)[:, None]
        between = t[mine][last] - t[mine][first]
        step = np.hypot(*(at[mine][last] - at[mine][first]).T)
        long = between >= 0.5
        speed[mine[long]] = step[long] / between[long]
    shown = rows[:, 0].astype(np.int64) % max(1, round(fps * STEP_S)) == 0
    return Walkers(t[shown], who[shown], at[shown], speed[shown], len(np.unique(who)))


def overlap(found: list[Interval], true: list[Interval]) -> float:
    """Intersection over union of two sets of intervals, in time; 1 where both are empty."""
    edges = np.unique([edge for interval in (*found, *true) for edge in interval])
    middles, lengths = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
    in_found, in_true = (_within(middles, intervals) for intervals in (found, true))
    union = lengths[in_found | in_true].sum()
    return float(lengths[in_found & in_true].sum() / union) if union else 1.0


def meets(one: Interval, others: list[Interval], slack: float = 1.0) -> bool:
    """Whether an interval meets one of the others, with a second's slack: features are of whole seconds."""
    return any(one[0] <= b + slack and one[1] >= a - slack for a, b in others)


def _within(moments: Floats, intervals: list[Interval]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    inside = np.zeros(len(moments), dtype=np.bool_)
    for begin, end in intervals:
        inside |= (begin <= moments) & (moments <= end)
    return inside


def _stretches(t: Floats, holds: np.ndarray[tuple[int], np.dtype[np.bool_]], least_s: float) -> list[Interval]:
    """Stretches of at least ``least_s`` in which it holds at each moment; moments over 1 s apart part them."""
    found: list[Interval] = []
    begin, last = np.nan, np.nan
    for moment, one in zip(t.tolist(), holds.tolist(), strict=True):
        if not one or not moment - last <= 1.0:
            found += [(begin, last)] if last - begin >= least_s else []
            begin, last = (moment, moment) if one else (np.nan, np.nan)
        elif one:
            last = moment
    return found + ([(begin, last)] if last - begin >= least_s else [])
