"""How badly the outside world is observed, as data; and when the cameras are silent.

The strengths are assumptions, not measurements of a site: ``Noise.typical()`` is a poor but common
installation. A deployment's own figures belong here once there are some.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from infra.settings import UserError

SENSORS = frozenset({"video", "wristband", "environment", "access", "perimeter", "device"})
"""Subsystems whose records may get lost on the way; what a person types in is acknowledged."""


@dataclass(frozen=True)
class Noise:
    """Kinds of bad observation and how often they come; all 0 is a clean observation.

    Raises:
        UserError: a strength below 0, or a share above 1.
    """

    jitter_m: float = 0.0
    """Standard deviation of a foot point on the floor in each direction, m."""
    missed: float = 0.0
    """Share of detections that the detector misses, each for itself."""
    hidden_per_hour: float = 0.0
    """Times an hour in which a person is hidden from the camera, by somebody else or a door."""
    hidden_s: float = 6.0
    """Mean length of that, s."""
    switched_per_hour: float = 0.0
    """Times an hour in which a person's track and the nearest other one of the frame take each other's name."""
    switched_s: float = 4.0
    """Mean time until both have their own again, s."""
    false_per_hour: float = 0.0
    """Times an hour in which a camera sees somebody where nobody is."""
    false_s: float = 2.0
    """Mean time for which it does, s."""
    lost: float = 0.0
    """Share of the records of sensors that get lost."""
    gaps_per_day: float = 0.0
    """Times a day in which a camera is silent."""
    gap_s: float = 240.0
    """Mean length of a silence, s."""
    announced: float = 0.5
    """Share of the silences that the recorder notices and reports by a device event."""

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            value, high = getattr(self, name), 1.0 if name in _SHARES else float("inf")
            if not 0 <= value <= high:
                raise UserError(
                    f"{name} is {value}", where="noise", do=f"give 0 or more{' and at most 1' if high == 1 else ''}"
                )

    @classmethod
    def typical(cls, strength: float = 1.0) -> Noise:
        """The usual mixture, from 0 (clean) to 1 (a poor installation).

        Raises:
            UserError: a strength outside that.
        """
        if not 0 <= strength <= 1:
            raise UserError(f"noise is {strength}", where="noise", do="give a number from 0 to 1 for noise")
        return cls(**{name: value * strength for name, value in _TYPICAL.items()})

    @classmethod
    def parse(cls, text: str) -> Noise:
        """Noise from what a person types: a strength from 0 to 1, or ``jitter_m=0.1,lost=0.02``.

        Raises:
            UserError: neither of them.
        """
        try:
            if "=" not in text:
                return cls.typical(float(text))
            parts = [part.split("=") for part in text.split(",")]
            return cls(**{name.strip(): float(value) for name, value in parts})
        except (ValueError, TypeError) as error:
            names = ", ".join(field.name for field in fields(cls))
            raise UserError(
                f"{text!r} says nothing about noise",
                where="--noise",
                do=f"give a number from 0 to 1, or name=value,name=value with some of: {names}",
            ) from error

    @property
    def clean(self) -> bool:
        """Nothing is changed at all."""
        return not any(getattr(self, name) for name in _TYPICAL)


_SHARES = ("missed", "lost", "announced")
_TYPICAL = {
    "jitter_m": 0.05,
    "missed": 0.03,
    "hidden_per_hour": 2.0,
    "switched_per_hour": 0.5,
    "false_per_hour": 1.0,
    "lost": 0.01,
    "gaps_per_day": 0.5,
}
SHORTEST_GAP_S = 20.0


@dataclass(frozen=True)
class Gap:
    """A camera's silence, times in epoch ms."""

    camera: str
    begin_ms: int
    end_ms: int
    announced: bool


def gaps(noise: Noise, rng: np.random.Generator, camera: str, begin_ms: int, end_ms: int) -> Iterator[Gap]:
    """The silences of one camera from ``begin_ms`` on that begin before ``end_ms``, in order."""
    at = float(begin_ms)
    while noise.gaps_per_day:
        at += float(rng.exponential(86_400_000 / noise.gaps_per_day))
        if at >= end_ms:
            return
        length = 1000 * (SHORTEST_GAP_S + float(rng.exponential(noise.gap_s)))
        yield Gap(camera, round(at), round(at + length), bool(rng.random() < noise.announced))
        at += length
