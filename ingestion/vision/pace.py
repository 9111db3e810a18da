"""How people move, as far as boxes on a measured floor can tell.

Only walking and running are told: who stands may be still or busy, and a struggle does not show in
the place of a box. The rest stays `unknown`.
"""

from __future__ import annotations

from collections import deque

from ingestion.contracts.video import Motion
from ingestion.vision.boxes import Floats, Longs

WALKING, RUNNING = 0.5, 3.0
"""Speeds, m/s. Below the first a box's own trembling is as fast."""
OVER_S, AT_LEAST_S = 1.0, 0.8
"""A speed is measured over this time; a track seen for less has none."""
FORGET_S = 10.0


class Pace:
    """Remembers where each track of a camera was within the last second."""

    def __init__(self) -> None:
        self._past: dict[int, deque[tuple[float, float, float]]] = {}

    def label(self, tracks: Longs, floor: Floats, seconds: float) -> list[Motion]:
        """Movement of each track (N,) at floor positions (N, 2) in m, ``seconds`` into the film."""
        labels: list[Motion] = []
        for track, (x, y) in zip(tracks.tolist(), floor.tolist(), strict=True):
            past = self._past.setdefault(track, deque())
            past.append((seconds, x, y))
            while past[0][0] < seconds - OVER_S:
                past.popleft()
            before, old_x, old_y = past[0]
            speed = ((x - old_x) ** 2 + (y - old_y) ** 2) ** 0.5 / max(seconds - before, 1e-9)
            known = seconds - before >= AT_LEAST_S and speed >= WALKING
            labels.append(("running" if speed > RUNNING else "walking") if known else "unknown")
        if len(self._past) > 2 * len(tracks) + 100:
            self._past = {k: v for k, v in self._past.items() if v[-1][0] > seconds - FORGET_S}
        return labels
