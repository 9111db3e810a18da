"""The wrist's fall detector on signals that are easy to read."""

from __future__ import annotations

import numpy as np
import pytest

from ingestion.sources.wristband import Limits, Recording, fall_times
from ingestion.sources.wristband.fall import RATE_HZ, Floats
from ingestion.sources.wristband.replay import motions_of

LIMITS = Limits(impact_g=3.0, still_g=0.05, tilt_deg=30.0)


def movement(*pieces: tuple[float, float]) -> Floats:
    """Acceleration of (seconds, g) one after another."""
    return np.concatenate([np.full(round(seconds * RATE_HZ), g) for seconds, g in pieces])


def turned(acceleration: Floats, at_s: float, degrees: float) -> Floats:
    """The arm turns about its x axis at one moment."""
    half = np.where(np.arange(len(acceleration)) >= at_s * RATE_HZ, np.radians(degrees) / 2, 0.0)
    return np.column_stack([np.cos(half), np.sin(half), np.zeros((len(half), 2))])


FALL = movement((6, 0.2), (0.1, 8.0), (10, 0.01))


def test_a_blow_then_stillness_with_the_arm_turned_is_a_fall_known_four_seconds_after_the_blow() -> None:
    assert fall_times(FALL, turned(FALL, 6.1, 70), LIMITS) == [pytest.approx(6.1 + 4, abs=0.05)]


@pytest.mark.parametrize(
    ("why", "acceleration", "turn"),
    [
        ("the arm lies as before", FALL, 20.0),
        ("he goes on moving", movement((6, 0.2), (0.1, 8.0), (10, 0.3)), 70.0),
        ("no blow", movement((6, 0.2), (0.1, 2.9), (10, 0.01)), 70.0),
        ("the recording ends before it is known", movement((6, 0.2), (0.1, 8.0), (3.8, 0.01)), 70.0),
        ("nothing at all", movement((20, 0.0)), 0.0),
    ],
)
def test_it_is_no_fall_where(why: str, acceleration: Floats, turn: float) -> None:
    assert fall_times(acceleration, turned(acceleration, 6.1, turn), LIMITS) == [], why


def test_several_blows_of_one_tumble_are_one_fall_judged_after_the_last() -> None:
    tumble = movement((6, 0.2), (0.1, 8.0), (1.0, 0.5), (0.1, 5.0), (10, 0.01))
    assert fall_times(tumble, turned(tumble, 6.1, 90), LIMITS) == [pytest.approx(7.2 + 4, abs=0.05)]


def test_the_band_says_moving_and_still_by_the_second_and_fall_once() -> None:
    told = motions_of(Recording(FALL, turned(FALL, 6.1, 70)), LIMITS)
    assert told[:6] == ["still"] * 6
    assert told[6] == "moving"
    assert [second for second, motion in enumerate(told) if motion == "fall"] == [10]
