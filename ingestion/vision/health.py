"""Is the camera seeing? Dark, frozen, blind and lost pictures, and when sight comes back.

A state is set when what shows it has lasted for its time, and is taken back when a good picture has
lasted for :data:`RECOVER_S`, so that a flash or a flicker does not ring.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from ingestion.vision.detect import Image

State = Literal["ok", "dark", "frozen", "blurred", "down"]
Detail = Literal["none", "low_luma", "low_contrast", "no_change", "no_signal"]

WORK_WIDTH = 320
DARK_LUMA = 16.0
"""Mean grey level (0 to 255) under which nothing can be made out."""
BLURRED_SHARE, BLURRED_VARIANCE = 0.15, 4.0
"""Variance of the Laplacian, as a share of what this camera's good pictures have, and at least. Films of
the same camera vary by less than half; a covered or badly misted lens leaves a few percent."""
FROZEN_LEVELS = 0.75
"""Grey levels by which no part of the picture (40 x 30 parts) changes on average. A frozen picture that
is encoded anew still trembles by 0.2 to 0.6; a sensor's noise and daylight are more."""
HOLD_S: dict[State, float] = {"dark": 1.0, "frozen": 2.0, "blurred": 2.0, "down": 0.0}
"""How long it must last. Still scenes of real compressed films stay under FROZEN_LEVELS for up to 0.6 s."""
RECOVER_S = 0.5
REFERENCE_S = 30.0

_DETAIL: dict[State, Detail] = {
    "ok": "none",
    "dark": "low_luma",
    "frozen": "no_change",
    "blurred": "low_contrast",
    "down": "no_signal",
}


@dataclass(frozen=True)
class Change:
    """The camera's state changed at ``seconds`` of the film."""

    seconds: float
    state: State
    detail: Detail


class CameraHealth:
    """Judges one camera's pictures, one after the other. Starts as `ok`."""

    def __init__(self) -> None:
        self.state: State = "ok"
        self._sign: State = "ok"
        self._since = 0.0
        self._last: npt.NDArray[np.uint8] | None = None
        self._sharp: deque[tuple[float, float]] = deque()

    @property
    def blind_for(self) -> State | None:
        """Why the last picture shows nothing, or None where it can be analysed.

        A dark or blurred picture is not analysed even before it has lasted long enough to be told:
        that nobody is seen on it means nothing. A repeated picture may be that of a still scene.
        """
        if self.state != "ok":
            return self.state
        return self._sign if self._sign in ("dark", "blurred", "down") else None

    def look(self, image: Image | None, seconds: float) -> Change | None:
        """Take the next picture (None: it could not be had) and tell whether the state changes."""
        sign = self._sign_of(image, seconds)
        if sign != self._sign:
            self._sign, self._since = sign, seconds
        if sign == self.state:
            return None
        hold = RECOVER_S if sign == "ok" else HOLD_S[sign]
        if seconds - self._since < hold - 1e-9:
            return None
        self.state = sign
        return Change(seconds, sign, _DETAIL[sign])

    def _sign_of(self, image: Image | None, seconds: float) -> State:
        if image is None:
            self._last = None
            return "down"
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        unchanged = self._last is not None and _unchanged(grey, self._last)
        self._last = grey
        height = max(1, round(grey.shape[0] * WORK_WIDTH / grey.shape[1]))
        small = cv2.resize(grey, (WORK_WIDTH, height), interpolation=cv2.INTER_AREA)
        if small.mean() < DARK_LUMA:
            return "dark"
        sharp = float(cv2.Laplacian(small, cv2.CV_64F).var())
        if sharp < max(BLURRED_VARIANCE, BLURRED_SHARE * self._usual_sharpness()):
            return "blurred"
        if unchanged:
            return "frozen"
        # What is usual is learnt from good pictures only.
        if self.state == "ok":
            self._sharp.append((seconds, sharp))
            while self._sharp[0][0] < seconds - REFERENCE_S:
                self._sharp.popleft()
        return "ok"

    def _usual_sharpness(self) -> float:
        if not self._sharp:
            return 0.0
        # Every picture counts the same; a median would be sorted anew for each.
        return sum(sharp for _, sharp in self._sharp) / len(self._sharp)


def _unchanged(grey: npt.NDArray[np.uint8], before: npt.NDArray[np.uint8]) -> bool:
    if grey.shape != before.shape:
        return False
    difference = cv2.absdiff(grey, before).astype(np.float32)
    parts = cv2.resize(difference, (40, 30), interpolation=cv2.INTER_AREA)
    return float(parts.max()) < FROZEN_LEVELS
