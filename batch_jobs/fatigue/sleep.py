"""When an officer is taken to sleep: nobody reports it, so the roster alone says it.

An assumption of the platform, not of the model: in free time, from an hour after a duty to an hour before the next,
at night from 23 to 7; after a duty that took at least three hours of the night, six hours at once. That sleep after a
night duty is shorter was measured on police officers: Garde et al. 2020, Scand J Work Environ Health 46(4), 446-453;
the six hours are the platform's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from batch_jobs.fatigue.three_process import Sleep

NIGHT = (23.0, 31.0)
SETTLE, DAY_SLEEP, NIGHT_WORK, SHORTEST = 1.0, 6.0, 3.0, 0.5
Duty = tuple[float, float]


def _nights(begin: float, end: float) -> list[Sleep]:
    """Nights cut to a time."""
    days = range(math.floor(begin / 24) - 1, math.ceil(end / 24) + 1)
    cut = [(max(begin, 24 * day + NIGHT[0]), min(end, 24 * day + NIGHT[1])) for day in days]
    return [(a, b) for a, b in cut if b - a >= SHORTEST]


def sleeps_between(duties: Sequence[Duty], begin: float, end: float) -> list[Sleep]:
    """Sleeps in order, in hours since a local midnight, around duties in order."""
    found: list[Sleep] = []
    free_from = begin
    for number, (a, b) in enumerate([*duties, (end + SETTLE, end + SETTLE)]):
        until = a - SETTLE
        if number and sum(y - x for x, y in _nights(*duties[number - 1])) >= NIGHT_WORK:
            day_sleep = (free_from, min(until, free_from + DAY_SLEEP))
            if day_sleep[1] - day_sleep[0] >= SHORTEST:
                found.append(day_sleep)
                free_from = day_sleep[1]
        if until > free_from:
            found += _nights(free_from, until)
        free_from = max(free_from, b + SETTLE)
    return _joined(found)


def _joined(found: Sequence[Sleep]) -> list[Sleep]:
    joined: list[Sleep] = []
    for begin, end in found:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
