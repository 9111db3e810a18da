"""Whether a page still looks as it was approved: small grey pictures, with a tolerance for fonts and clocks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH = 320
"""Pixels of an approved picture's width: enough to see a chart gone, a legend moved, a colour lost; a few kilobytes."""
TOLERANCE = 24
"""Grey levels by which a blurred pixel may differ."""

Grey = NDArray[np.uint8]


def small(picture: Path) -> Grey:
    """A picture in grey at the approved pictures' width, shape (height, WIDTH).

    Raises:
        FileNotFoundError: there is no such picture.
    """
    read = cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE)
    if read is None:
        raise FileNotFoundError(picture)
    height = round(read.shape[0] * WIDTH / read.shape[1])
    return np.asarray(cv2.resize(read, (WIDTH, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def difference(one: Grey, other: Grey) -> float:
    """Share of the pixels that differ, 0 to 1; 1 where the heights differ by more than a fiftieth."""
    if abs(one.shape[0] - other.shape[0]) > one.shape[0] / 50:
        return 1.0
    height = min(one.shape[0], other.shape[0])
    blurred = [cv2.GaussianBlur(picture[:height], (0, 0), 2).astype(np.int16) for picture in (one, other)]
    return float(np.mean(np.abs(blurred[0] - blurred[1]) > TOLERANCE))
