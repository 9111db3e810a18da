"""The day's programme as data: what a detainee does at rest, rounds, changes of shift, outings."""

from __future__ import annotations

from ingestion.sources.simulator.movement import LYING, SITTING, STANDING

HOUR = 3600


def clock(text: str) -> int:
    """Second of the day of ``hh:mm``."""
    return int(text[:2]) * HOUR + int(text[3:]) * 60


ACTIVITIES: tuple[tuple[str, str, int, int], ...] = (
    # from, activity, posture on the bed's edge, posture in the aisle
    ("00:00", "night", LYING, LYING),
    ("06:30", "rise", STANDING, STANDING),
    ("07:00", "roll_call", STANDING, STANDING),
    ("07:10", "meal", SITTING, SITTING),
    ("08:00", "study", SITTING, STANDING),
    ("12:00", "meal", SITTING, SITTING),
    ("12:40", "rest", SITTING, SITTING),
    ("14:00", "study", SITTING, STANDING),
    ("17:30", "meal", SITTING, SITTING),
    ("18:10", "television", SITTING, SITTING),
    ("21:00", "roll_call", STANDING, STANDING),
    ("21:05", "evening", SITTING, STANDING),
    ("22:00", "night", LYING, LYING),
)
GATHERINGS = ("roll_call", "meal")
"""Activities for which people come together."""
NIGHT_FROM, NIGHT_TO = clock("22:00"), clock("06:30")
BED_HOURS = ("23:00", "06:00")
"""In these nobody may be up for long."""

ROUNDS = tuple(
    f"{hour:02d}:{minute:02d}"
    for hour in range(24)
    for minute in ((0,) if 7 <= hour < 21 else (0, 30))  # every hour by day, every half hour by night
)
SHIFTS = ("05:00", "13:00", "21:00")
"""Beginnings of the three shifts of eight hours."""

OUTINGS = (("08:30", "11:30"), ("14:30", "17:00"), ("21:07", "21:45"))
"""Times in which the cells go to the yard, one cell after the other."""
OUTING_S, OUTING_EVERY_S = 300, 780

SESSIONS = (("08:30", "11:30"), ("14:00", "17:00"), ("19:30", "21:50"))
"""Times in which interrogations, visits and medical consultations begin and end."""


def activity_at(second_of_day: float) -> tuple[str, int, int]:
    """``(activity, posture on the bed's edge, posture in the aisle)``."""
    current = [a for a in ACTIVITIES if clock(a[0]) <= second_of_day][-1]
    return current[1], current[2], current[3]


def is_night(second_of_day: float) -> bool:
    """People are in bed."""
    return second_of_day >= NIGHT_FROM or second_of_day < NIGHT_TO


def within(windows: tuple[tuple[str, str], ...], second_of_day: float, seconds: float) -> bool:
    """The time and ``seconds`` after it lie in one of the windows."""
    return any(clock(a) <= second_of_day and second_of_day + seconds <= clock(b) for a, b in windows)
