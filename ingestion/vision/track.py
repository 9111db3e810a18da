"""Following people from frame to frame: boxes in, track numbers out.

OpenCV's own trackers follow one object each, from pictures (MIL), or need a network's weights (Nano,
Vit), so the multi-object tracker is made here of a Kalman filter and an optimal assignment (the SORT
scheme: Bewley et al. 2016), from boxes alone and without any likeness of a person.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from ingestion.vision.boxes import NO_BOXES, Floats, Longs, iou

UNCONFIRMED = 0
"""Number of a box that is not (yet) taken for a person's track."""


class Tracker(Protocol):
    """Gives each box of a frame the number of its track."""

    @property
    def tracks(self) -> int:
        """Tracks begun and confirmed so far."""

    def update(self, boxes: Floats, seconds: float) -> Longs:
        """Track numbers (N,) of the boxes (N, 4) of a frame ``seconds`` after the last one."""


class SortTracker:
    """Constant-velocity Kalman filter per track, boxes assigned by overlap and by distance.

    Args:
        confirm: frames in which a track must have been seen before it gets a number.
        lost_s: seconds without a box after which a track ends.
        least_iou: overlap of box and prediction that makes them a pair.
        reach: distance of feet, in body heights, that makes a pair where boxes do not overlap.
    """

    def __init__(self, *, confirm: int = 1, lost_s: float = 1.0, least_iou: float = 0.3, reach: float = 0.35) -> None:
        self.confirm, self.lost_s, self.least_iou, self.reach = confirm, lost_s, least_iou, reach
        self.tracks = 0
        # One row a track: centre x, y; velocity; variance of position, covariance, variance of velocity.
        self._centre: Floats = np.zeros((0, 2))
        self._velocity: Floats = np.zeros((0, 2))
        self._p: Floats = np.zeros((0, 3))
        self._size: Floats = np.zeros((0, 2))
        self._unseen: Floats = np.zeros(0)
        self._hits: Longs = np.zeros(0, dtype=np.int64)
        self._number: Longs = np.zeros(0, dtype=np.int64)

    def update(self, boxes: Floats, seconds: float) -> Longs:
        """See :class:`Tracker`."""
        self._predict(seconds)
        row_of_box = self._assign(boxes)
        matched = np.flatnonzero(row_of_box >= 0)
        self._correct(row_of_box[matched], boxes[matched])
        row_of_box[row_of_box < 0] = self._begin(boxes[row_of_box < 0])
        due = np.flatnonzero((self._number == UNCONFIRMED) & (self._hits >= self.confirm))
        self._number[due] = self.tracks + 1 + np.arange(len(due))
        self.tracks += len(due)
        numbers = self._number[row_of_box]
        # A track that was never confirmed has no credit: it ends with its first miss.
        self._keep((self._unseen == 0) | ((self._unseen <= self.lost_s) & (self._number != UNCONFIRMED)))
        return numbers

    def _predict(self, seconds: float) -> None:
        if not len(self._centre):
            return
        self._centre = self._centre + self._velocity * seconds
        height = self._size[:, 1]
        # People change their velocity by about half a body height a second, each second.
        push = (0.5 * height) ** 2
        p, c, v = self._p.T
        self._p = np.column_stack(
            [
                p + 2 * c * seconds + v * seconds**2 + push * seconds**3 / 3,
                c + v * seconds + push * seconds**2 / 2,
                v + push * seconds,
            ]
        )
        self._unseen = self._unseen + seconds

    def _predicted(self) -> Floats:
        if not len(self._centre):
            return NO_BOXES
        return np.column_stack([self._centre - self._size / 2, self._size])

    def _assign(self, boxes: Floats) -> Longs:
        """For each box its track's row, or -1."""
        row_of_box = np.full(len(boxes), -1, dtype=np.int64)
        predicted = self._predicted()
        if not len(boxes) or not len(predicted):
            return row_of_box
        overlap = iou(boxes, predicted)
        gap = np.hypot(
            boxes[:, None, 0] + boxes[:, None, 2] / 2 - self._centre[None, :, 0],
            boxes[:, None, 1] + boxes[:, None, 3] - (predicted[:, 1] + predicted[:, 3])[None, :],
        )
        height = np.maximum(boxes[:, None, 3], self._size[None, :, 1])
        near = 1.0 - gap / (self.reach * np.maximum(height, 1.0))
        # Overlap decides; nearness only pairs what does not overlap, so it always costs more.
        score = np.where(overlap >= self.least_iou, 1.0 + overlap, np.where(near > 0, near, -10.0))
        box, row = linear_sum_assignment(-score)
        good = score[box, row] > 0
        row_of_box[box[good]] = row[good]
        return row_of_box

    def _correct(self, rows: Longs, boxes: Floats) -> None:
        if not len(rows):
            return
        noise = (0.05 * boxes[:, 3]) ** 2 + 1.0
        p, c, v = self._p[rows].T
        gain_p, gain_v = p / (p + noise), c / (p + noise)
        off = boxes[:, :2] + boxes[:, 2:] / 2 - self._centre[rows]
        self._centre[rows] += gain_p[:, None] * off
        self._velocity[rows] += gain_v[:, None] * off
        self._p[rows] = np.column_stack([(1 - gain_p) * p, (1 - gain_p) * c, v - gain_v * c])
        self._size[rows] = 0.6 * self._size[rows] + 0.4 * boxes[:, 2:]
        self._unseen[rows] = 0.0
        self._hits[rows] += 1

    def _begin(self, boxes: Floats) -> Longs:
        """New tracks, one a box; their rows."""
        height = boxes[:, 3]
        first = len(self._centre)
        self._centre = np.vstack([self._centre, boxes[:, :2] + boxes[:, 2:] / 2])
        self._velocity = np.vstack([self._velocity, np.zeros((len(boxes), 2))])
        spread = np.column_stack([(0.05 * height) ** 2 + 1.0, np.zeros(len(boxes)), height**2])
        self._p = np.vstack([self._p, spread])
        self._size = np.vstack([self._size, boxes[:, 2:]])
        self._unseen = np.concatenate([self._unseen, np.zeros(len(boxes))])
        self._hits = np.concatenate([self._hits, np.ones(len(boxes), dtype=np.int64)])
        self._number = np.concatenate([self._number, np.full(len(boxes), UNCONFIRMED, dtype=np.int64)])
        return np.arange(first, first + len(boxes), dtype=np.int64)

    def _keep(self, rows: npt.NDArray[np.bool_]) -> None:
        if rows.all():
            return
        for name in ("_centre", "_velocity", "_p", "_size", "_unseen", "_hits", "_number"):
            setattr(self, name, getattr(self, name)[rows])
