"""Finding people in a picture. Two ready ways behind one protocol; no face, no gait, no identity.

:class:`HogDetector` knows the outline of upright people and needs no time to learn the scene.
:class:`BlobDetector` knows the empty scene and reports what is not part of it: for fixed cameras,
also from above, where outlines fail. Measured figures are in ``docs/vision.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from ingestion.vision.boxes import NO_BOXES, Floats, best_of_overlapping, covered

Image = npt.NDArray[np.uint8]
"""A picture as OpenCV has it: (height, width, 3), blue, green, red."""


@dataclass(frozen=True)
class Found:
    """Boxes (N, 4) in px of the picture, and how sure each is, 0 to 1, shape (N,)."""

    boxes: Floats
    confidence: Floats


NOBODY = Found(NO_BOXES, np.zeros(0))


class Detector(Protocol):
    """Finds people in one picture after the other of one camera."""

    def detect(self, image: Image, seconds: float) -> Found:
        """People in a picture taken ``seconds`` after the last one given."""


class HogDetector:
    """OpenCV's people detector: histograms of oriented gradients with its shipped linear SVM (Dalal, Triggs 2005).

    Args:
        work_width: pictures are brought to this width, px. People of 96 px there and more are found.
        threshold: distance from the SVM's border above which a window counts.
    """

    # The training windows are 64 x 128 px around people of about 41 x 102 px.
    _SHRINK = np.array([0.64, 0.80])
    _OVERLAP, _COVERED = 0.4, 0.75

    def __init__(self, work_width: int = 512, threshold: float = 0.0) -> None:
        self._hog = cv2.HOGDescriptor()
        self._hog.setSVMDetector(cv2.HOGDescriptor.getDefaultPeopleDetector())
        self._work_width, self._threshold = work_width, threshold

    def detect(self, image: Image, seconds: float) -> Found:
        """See :class:`Detector`."""
        factor = self._work_width / image.shape[1]
        small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        if small.shape[0] < 128 or small.shape[1] < 64:
            return NOBODY
        windows, weights = self._hog.detectMultiScale(
            small, hitThreshold=self._threshold, winStride=(8, 8), padding=(16, 16), scale=1.05, groupThreshold=0
        )
        if not len(windows):
            return NOBODY
        boxes = np.asarray(windows, dtype=np.float64).reshape(-1, 4) / factor
        weight = np.asarray(weights, dtype=np.float64).ravel()
        size = boxes[:, 2:] * self._SHRINK
        boxes = np.column_stack([boxes[:, :2] + (boxes[:, 2:] - size) / 2, size])
        kept = best_of_overlapping(boxes, weight, self._OVERLAP)
        boxes, weight = boxes[kept], weight[kept]
        # A window on a part of a person lies mostly within the stronger one on all of him.
        inside = covered(boxes, boxes)
        inside[weight[None, :] <= weight[:, None]] = 0.0
        kept = inside.max(axis=1) < self._COVERED
        # The SVM's distance is no probability; this only puts it on the contract's scale.
        return Found(boxes[kept], 1.0 / (1.0 + np.exp(-4.0 * weight[kept])))


class BlobDetector:
    """What differs from the learnt empty scene and is as large as a person, for fixed cameras.

    The scene is learnt where nobody is (10 s), and hardly where somebody is (1 h), so that a
    person who stands still is not taken for furniture. Somebody who was there from the first picture
    on and leaves uncovers the floor: a hole, which differs from the learnt scene as well. It is known
    by its outline, which is an edge in the learnt scene but not in the picture, and is learnt at once.
    """

    WORK_WIDTH = 320
    LEARN_S, LEARN_UNDER_PEOPLE_S = 10.0, 3600.0
    MIN_DIFFERENCE = 22.0
    """Grey levels, in the colour that differs most."""
    MIN_LENGTH, MIN_BREADTH = 0.15, 0.06
    """Of the picture's height; people lie as well as stand."""
    MIN_FILLED = 0.25
    """Of the box; less is a shadow's edge or a streak of light."""
    SHADOW = 0.8
    """What is darker than this share of the scene is no shadow."""
    SCENE_CHANGE = 0.7
    """Share of the picture that differs when lights or camera changed: the scene is learnt anew."""

    def __init__(self) -> None:
        self._scene: npt.NDArray[np.float32] | None = None

    def detect(self, image: Image, seconds: float) -> Found:
        """See :class:`Detector`."""
        factor = self.WORK_WIDTH / image.shape[1]
        small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (3, 3), 0).astype(np.float32)
        if self._scene is None or self._scene.shape != small.shape:
            self._scene = small
            return NOBODY
        differs = self._differs(small, self._scene * self._exposure(small, self._scene))
        if differs.mean() > self.SCENE_CHANGE:
            self._scene = small
            return NOBODY
        boxes, confidence, people = self._people(differs, small, self._scene)
        rate = np.where(people, seconds / self.LEARN_UNDER_PEOPLE_S, min(1.0, seconds / self.LEARN_S)).astype(
            np.float32
        )
        self._scene += rate[:, :, None] * (small - self._scene)
        if not boxes:
            return NOBODY
        found, sure = np.array(boxes, dtype=np.float64) / factor, np.array(confidence)
        # What lies within the box of a larger blob is a part of it that came loose.
        within = covered(found, found)
        within[np.prod(found[:, 2:], axis=1)[None, :] <= np.prod(found[:, 2:], axis=1)[:, None]] = 0.0
        whole = within.max(axis=1) < 0.7
        return Found(found[whole], sure[whole])

    @staticmethod
    def _exposure(small: npt.NDArray[np.float32], scene: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """By how much the camera's automatic exposure and white balance changed: a factor per colour."""
        ratio = (small[::4, ::4] + 1.0) / (scene[::4, ::4] + 1.0)
        return np.asarray(np.clip(np.median(ratio, axis=(0, 1)), 0.5, 2.0), dtype=np.float32)

    def _differs(self, small: npt.NDArray[np.float32], scene: npt.NDArray[np.float32]) -> Image:
        difference = _largest(cv2.absdiff(small, scene))
        # A shadow is the same colour, a little darker: all channels shrink by about the same factor.
        ratio = (small + 1.0) / (scene + 1.0)
        most, least = _largest(ratio), -_largest(-ratio)
        shadow = (least > self.SHADOW) & (most < 1.0) & (most - least < 0.06)
        mask = ((difference > self.MIN_DIFFERENCE) & ~shadow).astype(np.uint8)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((17, 7), np.uint8)), dtype=np.uint8)

    def _people(
        self, differs: Image, small: npt.NDArray[np.float32], scene: npt.NDArray[np.float32]
    ) -> tuple[list[Any], list[float], npt.NDArray[np.bool_]]:
        height, width = differs.shape
        count, labels, stats, _ = cv2.connectedComponentsWithStats(differs)
        people = np.zeros(differs.shape, dtype=np.bool_)
        boxes: list[Any] = []
        confidence: list[float] = []
        for number in range(1, count):
            left, top, w, h, area = stats[number].tolist()
            if max(w, h) < self.MIN_LENGTH * height or min(w, h) < self.MIN_BREADTH * height:
                continue
            if w > 0.6 * width or area < self.MIN_FILLED * w * h:
                continue
            blob = labels == number
            if _is_hole(blob, small, scene):
                scene[blob] = small[blob]
                continue
            people |= cv2.dilate(blob.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(np.bool_)
            boxes.append([left, top, w, h])
            confidence.append(area / (w * h))
        return boxes, confidence, people


class FusedDetector:
    """Both together: the outline from the first picture on, the blob as soon as the scene is known.

    A blob that is one person's gives the box, as it has his feet; where several people make one
    blob, the outlines tell them apart; an outline where nothing differs from the scene is a pillar.
    """

    KNOWN_AFTER_S = 5.0
    NARROW = 0.75

    def __init__(self, outlines: Detector | None = None, blobs: Detector | None = None) -> None:
        self._outlines, self._blobs = outlines or HogDetector(), blobs or BlobDetector()
        self._seen_s = 0.0

    def detect(self, image: Image, seconds: float) -> Found:
        """See :class:`Detector`."""
        blob = self._blobs.detect(image, seconds)
        self._seen_s += seconds
        if self._seen_s >= self.KNOWN_AFTER_S and not len(blob.boxes):
            return NOBODY
        outline = self._outlines.detect(image, seconds)
        if self._seen_s < self.KNOWN_AFTER_S:
            return outline
        inside = covered(outline.boxes, blob.boxes)
        belongs = inside > 0.5
        # An upright person is narrow. A wide blob with at most one outline is somebody too: bent or lying.
        one = (blob.boxes[:, 2] < self.NARROW * blob.boxes[:, 3]) | (belongs.sum(axis=0) <= 1)
        kept = belongs.any(axis=1) & ~belongs[:, one].any(axis=1)
        return Found(
            np.vstack([blob.boxes[one], outline.boxes[kept]]),
            np.concatenate([blob.confidence[one], outline.confidence[kept]]),
        )


def _largest(image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Per pixel the largest of the three colours; NumPy's own reduction of so short an axis is ten times slower."""
    return np.maximum(np.maximum(image[:, :, 0], image[:, :, 1]), image[:, :, 2])


def _is_hole(blob: npt.NDArray[np.bool_], small: npt.NDArray[np.float32], scene: npt.NDArray[np.float32]) -> bool:
    outline = cv2.morphologyEx(blob.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(np.bool_)
    now, before = _edges(small)[outline].mean(), _edges(scene)[outline].mean()
    return bool(before > 1.5 * now)


def _edges(image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return np.asarray(np.hypot(across, down), dtype=np.float32)
