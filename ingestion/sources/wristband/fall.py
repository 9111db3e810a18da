"""A fall by the wrist: a blow, then stillness, and the arm lies otherwise than before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RATE_HZ = 50
BEFORE_S = (4.0, 2.0)  # how the arm lay: from 4 to 2 s before the first sample of the blow
AFTER_S = (2.0, 4.0)  # whether it is still, and how it lies: from 2 to 4 s after the last one


@dataclass(frozen=True)
class Blow:
    """``at_s``: when the stillness after it was judged; ``still_g``: median acceleration then; ``tilt_deg``: turn."""

    at_s: float
    still_g: float
    tilt_deg: float


@dataclass(frozen=True)
class Limits:
    """A blow of at least ``impact_g``, then at most ``still_g`` (g), turned by at least ``tilt_deg``."""

    impact_g: float
    still_g: float
    tilt_deg: float

    def is_fall(self, blow: Blow) -> bool:
        """Whether a blow of ``impact_g`` was a fall."""
        return blow.still_g <= self.still_g and blow.tilt_deg >= self.tilt_deg


LIMITS = Limits(impact_g=2.5, still_g=0.08, tilt_deg=30.0)
"""Chosen on all 14 persons of HIFD (docs/real_data.md); bands of another make need their own."""


def blows(acceleration: Floats, attitude: Floats, impact_g: float) -> list[Blow]:
    """All blows of a recording at RATE_HZ that has 4 s after them. One blow ends with 2 s below ``impact_g``.

    Args:
        acceleration: its amount without gravity, g, shape (N,).
        attitude: unit quaternions w, x, y, z, shape (N, 4); any scale but 0.
    """
    hard = np.flatnonzero(acceleration >= impact_g)
    if not len(hard):
        return []
    apart = np.flatnonzero(np.diff(hard) > AFTER_S[0] * RATE_HZ)
    found = []
    for first, last in zip(hard[np.r_[0, apart + 1]].tolist(), hard[np.r_[apart, -1]].tolist(), strict=True):
        before = slice(max(0, first - _samples(BEFORE_S[0])), max(1, first - _samples(BEFORE_S[1])))
        after = slice(last + _samples(AFTER_S[0]), last + _samples(AFTER_S[1]))
        if after.stop > len(acceleration):
            continue
        turn = float(_down(attitude[before]) @ _down(attitude[after]))
        tilt = float(np.degrees(np.arccos(np.clip(turn, -1.0, 1.0))))
        found.append(Blow(after.stop / RATE_HZ, float(np.median(acceleration[after])), tilt))
    return found


def fall_times(acceleration: Floats, attitude: Floats, limits: Limits = LIMITS) -> list[float]:
    """When falls are known, s since the beginning; 4 s after the last blow. Arguments as of :func:`blows`."""
    return [b.at_s for b in blows(acceleration, attitude, limits.impact_g) if limits.is_fall(b)]


def _samples(seconds: float) -> int:
    return round(seconds * RATE_HZ)


def _down(attitude: Floats) -> Floats:
    """Mean direction of gravity in the band's own axes, a unit vector of shape (3,)."""
    w, x, y, z = (attitude / np.linalg.norm(attitude, axis=1, keepdims=True)).T
    mean = np.array([2 * (x * z - w * y), 2 * (w * x + y * z), w * w - x * x - y * y + z * z]).mean(axis=1)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9))
