"""Made pictures of a room, with a sensor's noise and people who are upright dark figures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from ingestion.vision.detect import Image

WIDTH, HEIGHT = 320, 240


class Room:
    """Gives one noisy picture after the other of a room with a patterned floor."""

    def __init__(self, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        tiles = self._random.integers(90, 200, (12, 16, 3), dtype=np.uint8)
        self._empty = cv2.resize(tiles, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)

    def picture(self, people: Iterable[tuple[int, int]] = ()) -> Image:
        """A picture with people whose feet are at these points (px); they are 30 x 90 px."""
        image = self._empty.astype(np.int16)
        for x, y in people:
            image[max(0, y - 90) : y, max(0, x - 15) : max(0, x + 15)] = (30, 30, 35)
        return np.clip(image + self._random.integers(-4, 5, image.shape), 0, 255).astype(np.uint8)


def save(folder: Path, pictures: Iterable[Image]) -> Path:
    """Write pictures as 1.png, 2.png, ... into a new folder."""
    folder.mkdir()
    for number, image in enumerate(pictures, start=1):
        cv2.imwrite(str(folder / f"{number}.png"), image)
    return folder
