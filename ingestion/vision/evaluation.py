"""How good detector and tracker are, against boxes that somebody drew.

Precision, recall and identity switches as in the CLEAR MOT metrics (Bernardin and Stiefelhagen
2008): boxes of a frame are matched one to one with IoU of at least ``least_iou``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scipy.optimize import linear_sum_assignment

from ingestion.vision.boxes import Floats, Longs, iou


@dataclass
class Score:
    """Sums over frames."""

    least_iou: float = 0.5
    hits: int = 0
    false_alarms: int = 0
    misses: int = 0
    switches: int = 0
    _track_of: dict[int, int] = field(default_factory=dict)

    def add(self, truth: Floats, found: Floats, truth_ids: Longs | None = None, track_ids: Longs | None = None) -> None:
        """Count one frame: drawn boxes (N, 4) and found ones (M, 4), with ids where known."""
        overlap = iou(truth, found)
        drawn, seen = linear_sum_assignment(-overlap)
        good = overlap[drawn, seen] >= self.least_iou
        drawn, seen = drawn[good], seen[good]
        self.hits += len(drawn)
        self.false_alarms += len(found) - len(drawn)
        self.misses += len(truth) - len(drawn)
        if truth_ids is None or track_ids is None:
            return
        for person, track in zip(truth_ids[drawn].tolist(), track_ids[seen].tolist(), strict=True):
            if self._track_of.setdefault(person, track) != track:
                self.switches += 1
                self._track_of[person] = track

    @property
    def precision(self) -> float:
        """Share of the found boxes that are people."""
        return self.hits / max(1, self.hits + self.false_alarms)

    @property
    def recall(self) -> float:
        """Share of the drawn people that were found."""
        return self.hits / max(1, self.hits + self.misses)
