"""The motion gate: did anything change since the detector last looked? If not, its answer still stands.

The background that is subtracted is the very picture that the detector saw last, so the gate never
forgets somebody who stands still, and slow changes add up until they are looked at.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ingestion.vision.detect import Image

WORK_WIDTH = 160
CHANGED_LEVELS = 15
"""Grey levels by which a pixel of the small picture has to change; a sensor's noise is 1 to 5 there."""
CHANGED_SHARE = 0.002
"""Share of the picture that has to change: a head at the far end of a hall."""


class MotionGate:
    """Compares pictures, grey and 160 px wide."""

    def __init__(self) -> None:
        self._small: npt.NDArray[np.uint8] | None = None
        self._looked_at: npt.NDArray[np.uint8] | None = None

    def moved(self, image: Image) -> bool:
        """True where the picture differs from the one last looked at; True for the first."""
        height = max(1, round(image.shape[0] * WORK_WIDTH / image.shape[1]))
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        small = cv2.resize(grey, (WORK_WIDTH, height), interpolation=cv2.INTER_AREA)
        self._small = np.asarray(cv2.GaussianBlur(small, (3, 3), 0), dtype=np.uint8)
        if self._looked_at is None or self._looked_at.shape != self._small.shape:
            return True
        changed = cv2.absdiff(self._small, self._looked_at) > CHANGED_LEVELS
        return float(changed.mean()) >= CHANGED_SHARE

    def looked(self) -> None:
        """The detector was shown the last picture."""
        self._looked_at = self._small
