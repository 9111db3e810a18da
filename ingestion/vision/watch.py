"""One camera's pictures to people and health: gate, detector, tracker, in this order."""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.vision.boxes import Floats, Longs
from ingestion.vision.detect import NOBODY, Detector
from ingestion.vision.health import CameraHealth, Change
from ingestion.vision.motion import MotionGate
from ingestion.vision.pictures import Picture
from ingestion.vision.track import UNCONFIRMED, Tracker

REFRESH_S = 2.0
"""The detector looks at least this often, so that what it missed or imagined does not stand for ever."""
HANG_OVER_S = 0.5
"""And for so long after the last movement, until the detector has made up its mind."""


@dataclass(frozen=True)
class Seen:
    """People in a picture: boxes (N, 4) in px, track numbers and confidence (N,)."""

    boxes: Floats
    tracks: Longs
    confidence: Floats


class Watch:
    """Watches one camera.

    Args:
        gate: None lets the detector look at every picture.
    """

    def __init__(self, detector: Detector, tracker: Tracker, *, gate: MotionGate | None, health: CameraHealth) -> None:
        self.detector, self.tracker, self.gate, self.health = detector, tracker, gate, health
        self.pictures = 0
        self.looked = 0
        """Pictures that the detector was shown."""
        self.blind: dict[str, int] = {}
        """Pictures not analysed, by the camera's state."""
        self.unconfirmed = 0
        """Boxes that were not (yet) taken for a person's track."""
        self._found = NOBODY
        self._last_s = 0.0
        self._looked_s: float | None = None
        self._moved_s = 0.0
        self._unsettled = False

    def look(self, picture: Picture) -> tuple[Change | None, Seen | None]:
        """The camera's change of state, if any, and the people; no people where it does not see."""
        self.pictures += 1
        change = self.health.look(picture.image, picture.seconds)
        blind = self.health.blind_for
        if picture.image is None or blind is not None:
            self.blind[blind or "down"] = self.blind.get(blind or "down", 0) + 1
            self._looked_s = None
            return change, None
        if self.gate is None or self.gate.moved(picture.image):
            self._moved_s = picture.seconds
        since = None if self._looked_s is None else picture.seconds - self._looked_s
        # A box counts after some looks, not after one look at a picture that stands still.
        lately = picture.seconds - self._moved_s <= HANG_OVER_S
        if lately or self._unsettled or since is None or since >= REFRESH_S - 1e-9:
            self._found = self.detector.detect(picture.image, since or 0.0)
            self._looked_s = picture.seconds
            self.looked += 1
            if self.gate is not None:
                self.gate.looked()
        tracks = self.tracker.update(self._found.boxes, picture.seconds - self._last_s)
        self._last_s = picture.seconds
        known = tracks != UNCONFIRMED
        self.unconfirmed += int((~known).sum())
        self._unsettled = not known.all()
        return change, Seen(self._found.boxes[known], tracks[known], self._found.confidence[known])
