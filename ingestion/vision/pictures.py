"""Pictures of a film in their order, from a video file or a folder of images.

A picture that cannot be decoded is given as None and the film goes on; a film that ends before its
own header says so gives one last None. Nothing here raises once the film has begun.
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from infra.settings import UserError
from ingestion.vision.detect import Image

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm"}


@dataclass(frozen=True)
class Picture:
    """One picture of the film; ``seconds`` since its beginning."""

    index: int
    seconds: float
    image: Image | None
    lost_rest: bool = False
    """True for the one that stands for all that a film lacks at its end."""


@dataclass(frozen=True)
class Film:
    """A film that could be opened."""

    path: Path
    fps: float
    width: int
    height: int
    length: int
    """Pictures that it says it has; 0 where it does not say."""
    files: tuple[Path, ...] = ()
    """The images of a folder, in order."""

    def pictures(self) -> Iterator[Picture]:
        """All pictures, one at a time."""
        return self._images() if self.files else self._frames()

    def _images(self) -> Iterator[Picture]:
        for index, file in enumerate(self.files):
            yield Picture(index, index / self.fps, _image(file))

    def _frames(self) -> Iterator[Picture]:
        film = cv2.VideoCapture(str(self.path), cv2.CAP_FFMPEG)
        index = 0
        try:
            while True:
                ok, image = film.read()
                if not ok:
                    break
                yield Picture(index, index / self.fps, _as_image(image))
                index += 1
        finally:
            film.release()
        # Headers of sound films are often one or two pictures off.
        if index < self.length - 2:
            yield Picture(index, index / self.fps, None, lost_rest=True)


def open_film(path: Path, fps: float | None = None) -> Film:
    """Open a video file or a folder of images (in the order of the numbers in their names).

    Args:
        fps: pictures a second; None for the file's own rate, or that of a folder's ``seqinfo.ini``.

    Raises:
        UserError: nothing there, no film, not a single picture, or no rate known.
    """
    if not path.exists():
        raise UserError("there is no such file or folder", where=str(path), do="check the path")
    return _open_folder(path, fps) if path.is_dir() else _open_file(path, fps)


def _open_file(path: Path, fps: float | None) -> Film:
    film = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        ok = film.isOpened()
        first = film.read()[1] if ok else None
        own = float(film.get(cv2.CAP_PROP_FPS)) if ok else 0.0
        length = int(film.get(cv2.CAP_PROP_FRAME_COUNT)) if ok else 0
    finally:
        film.release()
    if first is None:
        raise UserError(
            "no picture can be read from the file: it is no video, or its beginning or index is damaged",
            where=f"{path} ({path.stat().st_size} bytes)",
            do="give a whole video file (mp4, avi, mkv), or a folder of images",
        )
    rate = fps if fps is not None else own
    if not 0.01 <= rate <= 1000:
        raise UserError(f"the file says {own:g} pictures a second", where=str(path), do="give the rate with --fps")
    return Film(path, rate, first.shape[1], first.shape[0], max(0, length))


def _open_folder(path: Path, fps: float | None) -> Film:
    files = tuple(sorted((f for f in path.iterdir() if f.suffix.lower() in SUFFIXES), key=_by_number))
    if not files:
        known = ", ".join(sorted(SUFFIXES))
        raise UserError("the folder holds no images", where=str(path), do=f"give a folder with files ending in {known}")
    rate = fps if fps is not None else _rate_beside(path)
    if rate is None:
        raise UserError("images do not say how many were taken a second", where=str(path), do="give it with --fps")
    first = next((image for file in files if (image := _image(file)) is not None), None)
    if first is None:
        raise UserError(
            f"none of the {len(files)} images can be decoded", where=str(path), do="check the files, e.g. open one"
        )
    return Film(path, rate, first.shape[1], first.shape[0], len(files), files)


def _image(file: Path) -> Image | None:
    try:
        return _as_image(cv2.imread(str(file), cv2.IMREAD_COLOR))
    except cv2.error:
        return None


def _as_image(picture: object) -> Image | None:
    return picture.astype(np.uint8, copy=False) if isinstance(picture, np.ndarray) else None


def _by_number(file: Path) -> tuple[str, int, str]:
    """Order 2.jpg before 10.jpg: by the name's letters, then by the number at its end."""
    stem = file.stem.rstrip("0123456789")
    digits = file.stem[len(stem) :]
    return stem, int(digits or 0), file.name


def _rate_beside(folder: Path) -> float | None:
    """Rate by the ``seqinfo.ini`` of a MOT sequence."""
    for place in (folder, folder.parent):
        parser = configparser.ConfigParser()
        try:
            parser.read(place / "seqinfo.ini", encoding="utf-8")
            return parser.getfloat("Sequence", "frameRate")
        except (configparser.Error, ValueError):
            continue
    return None
