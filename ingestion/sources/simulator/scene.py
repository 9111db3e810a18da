"""A drawn camera view: people walking through a corridor hall, with their true boxes.

For trying the whole way of video without outside data. The figures have heads, shoulders, arms and
swinging legs in clothes that stand out from the floor, and the picture has a lens's softness and a
sensor's noise; they are figures all the same, and no measure of a detector's quality.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from infra.settings import UserError

WIDTH, HEIGHT = 768, 576
HORIZON = 150
"""Row in which the floor meets the far wall; lower on the picture is nearer to the camera."""
NEAR_PX, FAR_PX = 250.0, 120.0
"""Height of a person at the lower edge and at the horizon."""
OVERSAMPLE = 2
WALK_PX = 0.32
"""Speed, in body heights a second."""

Image = npt.NDArray[np.uint8]
Span = tuple[float, float]
CLOTHES = ((52, 46, 120), (120, 70, 30), (40, 90, 40), (60, 60, 62), (30, 100, 140), (110, 40, 90))
SKIN = (130, 160, 205)


@dataclass(frozen=True)
class Drawn:
    """What was drawn: number of frames and boxes, and the file of boxes in MOT's form."""

    frames: int
    boxes: int
    truth: Path


@dataclass(frozen=True)
class _Walker:
    number: int
    begin: float
    x0: float
    x1: float
    y: float
    clothes: tuple[int, int, int]
    trousers: tuple[int, int, int]
    pace: float

    def place(self, t: float) -> tuple[float, float, float] | None:
        """``(x, y, height)`` of the foot point in pixels, or None where the person is not in the picture."""
        height = FAR_PX + (NEAR_PX - FAR_PX) * (self.y - HORIZON) / (HEIGHT - HORIZON)
        way = self.pace * WALK_PX * height * (t - self.begin)
        if not 0 <= way <= abs(self.x1 - self.x0):
            return None
        return self.x0 + np.sign(self.x1 - self.x0) * way, self.y, height


def _walkers(rng: np.random.Generator, people: int, seconds: float) -> list[_Walker]:
    found = []
    for number in range(people):
        left = bool(rng.random() < 0.5)
        y = HORIZON + 130 + (HEIGHT - HORIZON - 150) * ((number * 0.618) % 1.0)
        color = CLOTHES[number % len(CLOTHES)]
        trousers = tuple(int(c * 0.55) for c in CLOTHES[(number + 3) % len(CLOTHES)])
        found.append(
            _Walker(
                number + 1,
                seconds * 0.8 * number / max(1, people) + 0.5,
                -60.0 if left else WIDTH + 60.0,
                WIDTH + 60.0 if left else -60.0,
                float(y),
                color,
                (trousers[0], trousers[1], trousers[2]),
                float(rng.uniform(1.0, 1.5)),
            )
        )
    return found


def _background(rng: np.random.Generator) -> Image:
    """Floor, far wall, doors; a fixed grain so that the empty picture is not flat."""
    image = np.zeros((HEIGHT, WIDTH, 3), dtype=np.float64)
    image[:HORIZON] = (176, 182, 184)
    rows = np.linspace(0, 1, HEIGHT - HORIZON)[:, None, None]
    image[HORIZON:] = np.array([150, 158, 160]) + 28 * rows
    canvas = image.astype(np.uint8)
    for x in (90, 330, 570):
        cv2.rectangle(canvas, (x, 30), (x + 80, HORIZON), (120, 128, 132), -1)
        cv2.rectangle(canvas, (x, 30), (x + 80, HORIZON), (96, 102, 106), 2)
    cv2.line(canvas, (0, HORIZON), (WIDTH, HORIZON), (110, 114, 116), 3)
    for k in range(-6, 13):
        cv2.line(canvas, (WIDTH // 2 + 60 * (k - 3), HORIZON), (WIDTH // 2 + 220 * (k - 3), HEIGHT), (158, 165, 168), 1)
    grain = rng.normal(0, 2.0, canvas.shape)
    return np.clip(canvas + grain, 0, 255).astype(np.uint8)


def _figure(canvas: Image, x: float, y: float, height: float, walker: _Walker, phase: float, ahead: float) -> None:
    """Draw a person: ``x, y`` foot point, ``phase`` of the step, ``ahead`` 1 to the right, -1 to the left."""
    scale = OVERSAMPLE

    def at(dx: float, up: float) -> tuple[int, int]:
        """A point ``dx`` and ``up`` in body heights from the foot point."""
        return int((x + ahead * dx * height) * scale), int((y - up * height) * scale)

    def limb(points: list[tuple[float, float]], width: float, color: tuple[int, int, int]) -> None:
        corners = np.array([at(*p) for p in points], dtype=np.int32)
        cv2.polylines(canvas, [corners], False, color, max(1, int(width * height * scale)), cv2.LINE_AA)

    swing = 0.13 * np.sin(phase)
    lift = 0.03 * max(0.0, float(np.cos(phase)))
    dark = tuple(int(c * 0.75) for c in walker.clothes)
    shade = (dark[0], dark[1], dark[2])
    cv2.ellipse(canvas, at(0, 0.0), (int(0.16 * height * scale), int(0.03 * height * scale)), 0, 0, 360,
                (112, 118, 120), -1, cv2.LINE_AA)  # fmt: skip
    limb([(0.0, 0.52), (-swing * 0.5 + 0.02, 0.27), (-swing, 0.03 + lift)], 0.085, walker.trousers)
    limb([(-swing, 0.02 + lift), (-swing + 0.06, 0.02 + lift)], 0.04, (36, 36, 38))
    limb([(0.0, 0.79), (swing * 0.6, 0.62), (swing * 0.9 + 0.03, 0.47)], 0.055, shade)
    torso = np.array([at(-0.1, 0.82), at(0.1, 0.82), at(0.085, 0.5), at(-0.085, 0.5)], dtype=np.int32)
    cv2.fillConvexPoly(canvas, torso, walker.clothes, cv2.LINE_AA)
    cv2.circle(canvas, at(-0.045, 0.8), int(0.06 * height * scale), walker.clothes, -1, cv2.LINE_AA)
    cv2.circle(canvas, at(0.045, 0.8), int(0.06 * height * scale), walker.clothes, -1, cv2.LINE_AA)
    limb([(0.0, 0.52), (swing * 0.5 + 0.02, 0.27), (swing, 0.03)], 0.09, walker.trousers)
    limb([(swing, 0.02), (swing + 0.06, 0.02)], 0.04, (30, 30, 32))
    limb([(0.0, 0.79), (-swing * 0.6, 0.62), (-swing * 0.9 + 0.03, 0.47)], 0.055, shade)
    cv2.circle(canvas, at(-swing * 0.9 + 0.03, 0.46), int(0.028 * height * scale), SKIN, -1, cv2.LINE_AA)
    limb([(0.005, 0.83), (0.008, 0.88)], 0.06, SKIN)
    head = (int(0.058 * height * scale), int(0.075 * height * scale))
    cv2.ellipse(canvas, at(0.012, 0.925), head, 0, 0, 360, SKIN, -1, cv2.LINE_AA)
    cv2.ellipse(canvas, at(0.002, 0.945), head, 0, 150, 390, (38, 36, 36), -1, cv2.LINE_AA)


def _frames(
    seed: int, seconds: float, fps: float, people: int, dark: Span | None, frozen: Span | None
) -> Iterator[tuple[Image, list[tuple[int, float, float, float, float]]]]:
    """Picture and boxes ``(person, left, top, width, height)`` of each frame; none while it is dark or frozen."""
    rng = np.random.default_rng(seed)
    background = _background(rng)
    walkers = sorted(_walkers(rng, people, seconds), key=lambda w: w.y)
    large = cv2.resize(background, None, fx=OVERSAMPLE, fy=OVERSAMPLE, interpolation=cv2.INTER_LINEAR)
    last: Image | None = None
    for number in range(round(seconds * fps)):
        t = number / fps
        if frozen is not None and frozen[0] <= t < frozen[1] and last is not None:
            yield last, []
            continue
        canvas = large.copy()
        boxes = []
        for walker in walkers:
            place = walker.place(t)
            if place is None:
                continue
            x, y, height = place
            phase = 2 * np.pi * 0.9 * walker.pace * (t - walker.begin)
            _figure(canvas, x, y, height, walker, phase, float(np.sign(walker.x1 - walker.x0)))
            left, right = max(0.0, x - 0.19 * height), min(float(WIDTH), x + 0.19 * height)
            if right - left > 0.2 * height:
                boxes.append((walker.number, left, y - height, right - left, height))
        picture = cv2.resize(canvas, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        picture = cv2.GaussianBlur(picture, (3, 3), 0.6)
        noisy = picture.astype(np.float64) + rng.normal(0, 2.5, picture.shape)
        if dark is not None and dark[0] <= t < dark[1]:
            noisy, boxes = noisy * 0.03, []
        last = np.clip(noisy, 0, 255).astype(np.uint8)
        yield last, boxes


def render_scene(
    path: Path,
    *,
    seed: int = 7,
    seconds: float = 20.0,
    fps: float = 10.0,
    people: int = 4,
    dark: Span | None = None,
    frozen: Span | None = None,
) -> Drawn:
    """Draw a scene into an ``.mp4`` file, or into a folder as one PNG a frame.

    Boxes are written as ``gt.txt`` in the folder, or beside the file as ``<name>.gt.txt``, in MOT's
    form: frame (from 1), person, left, top, width, height, 1, -1, -1, -1; pixels. While the picture
    is dark or frozen (seconds from, to) nobody is there to be seen, and no boxes are written.

    Raises:
        UserError: a length, rate or number that gives no picture, or a path that cannot be written.
    """
    if seconds * fps < 1 or people < 0:
        raise UserError("the scene has no frame", where="seconds, fps, people", do="give a longer time")
    as_file = path.suffix.lower() == ".mp4"
    (path.parent if as_file else path).mkdir(parents=True, exist_ok=True)
    truth = path.with_suffix(".gt.txt") if as_file else path / "gt.txt"
    write, close = _writer(path, fps) if as_file else _folder(path)
    lines = []
    frames = 0
    for picture, boxes in _frames(seed, seconds, fps, people, dark, frozen):
        frames += 1
        write(frames, picture)
        lines += [f"{frames},{n},{x:.1f},{y:.1f},{w:.1f},{h:.1f},1,-1,-1,-1\n" for n, x, y, w, h in boxes]
    close()
    truth.write_text("".join(lines), encoding="utf-8")
    return Drawn(frames, len(lines), truth)


def _folder(path: Path) -> tuple[Callable[[int, Image], None], Callable[[], None]]:
    def write(number: int, picture: Image) -> None:
        cv2.imwrite(str(path / f"{number:06d}.png"), picture)

    return write, lambda: None


def _writer(path: Path, fps: float) -> tuple[Callable[[int, Image], None], Callable[[], None]]:
    video: Any = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (WIDTH, HEIGHT))
    if not video.isOpened():
        raise UserError(f"cannot write a video to {path}", where="path", do="give a writable path that ends in .mp4")

    def write(_number: int, picture: Image) -> None:
        video.write(picture)

    return write, video.release
