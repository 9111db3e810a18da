"""Giving a new name to a track where its id was reused.

Annotated clips that were put one after the other use the same ids again for other people. Two
things tell such a place: a gap in time, or a step that nobody can walk. How a step is judged: each
end is a whole pixel, so up to one pixel diagonal of it may be rounding; what is left over the time
between may not exceed ``max_speed``. A step that is far beyond it is a cut of the film and not an
annotator's slip: there all tracks get a new name, also those that happen to go on nearby.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

MAX_SPEED = 12.5
"""m/s. The fastest sprint measured is 12.4 m/s (Berlin, 2009)."""
MAX_GAP_MS = 400
"""A person not annotated for longer is somebody else. The CAVIAR file has gaps of 80 ms, then none below 880."""
CUT_M = 1.5
"""A step that is longer than possible by more than this is a cut of the film."""

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]


@dataclass
class TrackSplitter:
    """Names ``<id>.<n>``, n counted from 1 per id. Rows are given in blocks, sorted by time; a moment is in one block.

    Memory: the last point of each id.
    """

    metres_per_pixel: float
    max_speed: float = MAX_SPEED
    max_gap_ms: int = MAX_GAP_MS
    tracks: int = 0
    _last: dict[str, tuple[int, float, float, int]] = field(default_factory=dict)
    _cuts: Longs = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def names(self, t_ms: Longs, ids: npt.NDArray[np.object_], x: Floats, y: Floats) -> npt.NDArray[np.object_]:
        """Track names of points at ``t_ms`` (ms) and pixel ``x``, ``y``; all of shape (N,)."""
        if not len(t_ms):
            return np.zeros(0, dtype=object)
        known, code = np.unique(ids.astype(str), return_inverse=True)
        order = np.lexsort((np.arange(len(t_ms)), code))
        t, px, py, who = t_ms[order], x[order], y[order], code[order]
        first = np.flatnonzero(np.diff(who, prepend=-1))
        before_t, before_x, before_y = np.roll(t, 1), np.roll(px, 1), np.roll(py, 1)
        offset = np.zeros(len(known), dtype=np.int64)
        fresh = np.zeros(len(t), dtype=np.bool_)
        for row, name in zip(first.tolist(), known.tolist(), strict=True):
            if (last := self._last.get(name)) is None:
                fresh[row] = True
                before_t[row], before_x[row], before_y[row] = t[row], px[row], py[row]
            else:
                before_t[row], before_x[row], before_y[row], offset[who[row]] = last
        step_ms = t - before_t
        rounding = np.sqrt(2.0) * self.metres_per_pixel
        step_m = np.hypot(px - before_x, py - before_y) * self.metres_per_pixel
        excess = step_m - rounding - self.max_speed * step_ms / 1000.0
        gap = step_ms > self.max_gap_ms
        self._cuts = np.union1d(self._cuts, t[(excess > CUT_M) & ~gap & ~fresh])
        passed = np.searchsorted(self._cuts, t, side="right") > np.searchsorted(self._cuts, before_t, side="right")
        new = fresh | gap | (excess > 0) | passed
        # Count the new tracks of each id: running total, less what the ids sorted before it had.
        total = np.cumsum(new)
        number = total - (total[first] - new[first])[who] + offset[who]
        for row, name in zip([*(first[1:] - 1).tolist(), len(t) - 1], known.tolist(), strict=True):
            self._last[name] = (int(t[row]), float(px[row]), float(py[row]), int(number[row]))
        self._cuts = self._cuts[self._cuts > t_ms[-1] - 2 * self.max_gap_ms]
        self.tracks += int(new.sum())
        names = np.empty(len(t), dtype=object)
        names[order] = [f"{name}.{n}" for name, n in zip(known[who].tolist(), number.tolist(), strict=True)]
        return names
