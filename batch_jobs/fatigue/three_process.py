"""The three-process model of alertness: homeostasis (S), the day (C), half the day (U), and sleep inertia (W).

Åkerstedt & Folkard 1997, Chronobiol Int 14(2), 115-123; equations and constants as in Ingre et al. 2014, Validating
and extending the three process model of alertness in airline operations, PLoS ONE 9(10), e108679, and in the R package
FIPS (Wilson et al. 2020, JOSS 5(51), 2340), whose defaults these are. Alertness is S+C+U on a scale of about 1 to 21;
KSS is the Karolinska sleepiness scale from 1 (very alert) to 9 (fighting sleep). It is a model of the mean person, not
a measurement of anybody.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

LOWER, UPPER, WAKE_RATE = 2.4, 14.3, -0.0353
SLEEP_RATE = math.log((UPPER - 14) / (UPPER - 7.96)) / 8
"""Per hour: eight hours of sleep bring S from 7.96 to 14."""
BREAK = 12.2
"""Above it sleep restores less and less; below it S rises evenly."""
S_AT_BEGIN = 7.96
"""S when falling asleep after an ordinary day."""

Sleep = tuple[float, float]
"""Hours of falling asleep and of waking."""


def s_awake(s_waking: float, hours: float) -> float:
    """S after hours awake."""
    return LOWER + (s_waking - LOWER) * math.exp(WAKE_RATE * hours)


def s_asleep(s_falling: float, hours: float) -> float:
    """S after hours of sleep: evenly up to the break, then slower and slower."""
    if s_falling >= BREAK:
        return UPPER - (UPPER - s_falling) * math.exp(SLEEP_RATE * hours)
    to_break = (BREAK - s_falling) / (SLEEP_RATE * (BREAK - UPPER))
    if hours <= to_break:
        return s_falling + hours * SLEEP_RATE * (BREAK - UPPER)
    return UPPER - (UPPER - BREAK) * math.exp(SLEEP_RATE * (hours - to_break))


def c_of(hour: float) -> float:
    """The day's process at a local hour: highest at 16.8 h."""
    return 2.5 * math.cos(2 * math.pi / 24 * (hour - 16.8))


def u_of(hour: float) -> float:
    """The process of half a day: lowest at 13.8 h, the dip after noon."""
    return -0.5 + 0.5 * math.cos(2 * math.pi / 12 * (hour - 16.8 - 3))


def w_of(hours_awake: float) -> float:
    """Sleep inertia after waking."""
    return -5.72 * math.exp(-1.51 * hours_awake)


def kss(alertness: float) -> float:
    """Karolinska sleepiness of S+C+U+W, kept within its scale of 1 to 9."""
    return min(9.0, max(1.0, 10.6 - 0.6 * alertness))


def sleepiness(sleeps: Sequence[Sleep], moments: Sequence[float]) -> list[float]:
    """KSS at moments while awake.

    Args:
        sleeps: in order, without overlap, in hours since a local midnight.
        moments: in order, none asleep, none before the end of the first sleep.
    """
    found, s, woke, number = [], s_asleep(S_AT_BEGIN, sleeps[0][1] - sleeps[0][0]), sleeps[0][1], 1
    for moment in moments:
        while number < len(sleeps) and sleeps[number][1] <= moment:
            begin, end = sleeps[number]
            s, woke, number = s_asleep(s_awake(s, begin - woke), end - begin), end, number + 1
        awake = moment - woke
        found.append(kss(s_awake(s, awake) + c_of(moment % 24) + u_of(moment % 24) + w_of(awake)))
    return found
