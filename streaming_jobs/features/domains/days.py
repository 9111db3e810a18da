"""Hours of the local day: alone, and outside the cell; and days running of solitary confinement.

What was not observed is a share of its own. A day counts only where its verdict is the same
whatever happened in the time that nobody observed; else it is not known.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.register import register_of
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import Longs, Plan, World

SOLITARY_S = 22 * 3600  # NMR 44: solitary confinement is 22 hours or more a day without human contact
PROLONGED_DAYS = 15  # NMR 44: a run surely longer than this is prolonged, whatever lay before it
OUTSIDE_S = 3600  # NMR 23: an hour a day in the open air
KEPT_DAYS = 60  # days of a run that are remembered; longer runs count no further

FEATURES = (
    Feature(
        "subject.solitary_days",
        "d",
        "Local days running, to yesterday, on which the person was alone for 22 hours or more; days before the "
        "platform knew the person do not count.",
        "unobserved time within the run decides",
    ),
    Feature(
        "subject.solitary_day",
        "bool",
        "Yesterday (local day) the person was alone for 22 hours or more.",
        "yesterday was not judged, or whether it was depends on unobserved time",
    ),
    Feature(
        "subject.day_judged",
        "bool",
        "The platform knew plan and person for the whole of yesterday (local day).",
        "never",
    ),
    Feature(
        "subject.outside_min",
        "min",
        "Time outside the cell yesterday (local day); unobserved time counts as outside as long as it decides nothing.",
        "yesterday was not judged, or whether it was an hour depends on unobserved time",
    ),
)


class State(msgspec.Struct):
    """``today``: seconds alone, with others, outside and inside the cell since midnight, a list each by ``subjects``.

    The rest by pseudonym, as of yesterday. ``runs``: a letter for each day of the running run, y solitary, ? not known.
    """

    day: int = 0  # ordinal of the local date
    subjects: list[str] = []
    today: list[list[int]] = []
    known_s: dict[str, int] = {}  # detainee -> second since which the person is here
    runs: dict[str, str] = {}
    solitary_days: dict[str, float] = {}
    solitary_day: dict[str, float] = {}
    judged: dict[str, bool] = {}
    outside_min: dict[str, float] = {}


def _by_person(state: State) -> tuple[dict[str, Any], ...]:
    return (
        *(state.known_s, state.runs, state.solitary_days),
        *(state.solitary_day, state.judged, state.outside_min),
    )


def _follow(state: State, present: Collection[str], second: int) -> None:
    """Keep to those whom the register says are here."""
    for kept in _by_person(state):
        for gone in [subject for subject in kept if subject not in present]:
            del kept[gone]
    for subject in present:
        state.known_s.setdefault(subject, second)


def _midnight(plan: Plan, day: int) -> int:
    return int(datetime.combine(date.fromordinal(day), datetime.min.time(), tzinfo=plan.timezone).timestamp())


def _run(before: str, code: str) -> str:
    """Codes of the run that goes on to a day with this code; a day that was not solitary ends it."""
    return "" if code == "n" else (before + code)[-KEPT_DAYS:]


def solitary_days(run: str) -> float:
    """Length of a run, NaN where a day that is not known decides."""
    sure = len(run) - len(run.rstrip("y"))
    return float(sure) if sure == len(run) or sure > PROLONGED_DAYS else np.nan


def outside_minutes(outside: int, inside: int, length: int) -> float:
    """Minutes outside the cell of a day of ``length`` seconds, NaN where unobserved time decides."""
    at_most = length - inside
    if outside >= OUTSIDE_S:
        return outside / 60
    return at_most / 60 if at_most < OUTSIDE_S else np.nan


def _close(state: State, world: World, day: int) -> None:
    """The day in the state is over; ``day`` has begun."""
    begin, end = (_midnight(world.plan, d) for d in (state.day, state.day + 1))
    skipped = "?" * min(KEPT_DAYS, day - state.day - 1)  # nothing at all came in for whole days
    for subject, alone, contact, outside, inside in zip(state.subjects, *state.today, strict=True):
        known = state.known_s.get(subject)
        if known is None:
            continue
        run, judged = state.runs.get(subject, ""), max(known, world.since_s) <= begin
        code, outside_min = "?", np.nan
        if judged:
            code = "y" if alone >= SOLITARY_S else "n" if contact > end - begin - SOLITARY_S else "?"
            run, outside_min = _run(run, code), outside_minutes(outside, inside, end - begin)
        if skipped:
            run, judged, code, outside_min = _run(run, skipped), True, "?", np.nan
        state.runs[subject], state.solitary_days[subject] = run, solitary_days(run)
        state.solitary_day[subject] = {"y": 1.0, "n": 0.0, "?": np.nan}[code]
        state.judged[subject], state.outside_min[subject] = judged, outside_min
    state.today = [[0] * len(state.subjects) for _ in range(4)]
    state.day = day


def _columns(state: State, subjects: list[str]) -> Longs:
    """Seconds of today of these people, shape (4, P)."""
    if state.subjects == subjects:
        return np.array(state.today, dtype=np.int64).reshape(4, -1)
    before = dict(zip(state.subjects, zip(*state.today, strict=True), strict=True))
    state.subjects = subjects
    return np.array([before.get(s, (0, 0, 0, 0)) for s in subjects], dtype=np.int64).reshape(-1, 4).T


def compute(state: State, sheet: Sheet) -> None:
    world, plan = sheet.world, sheet.world.plan
    day = plan.local(sheet.second)[1].toordinal()
    if state.day == 0:
        state.day = day
    elif day > state.day:
        _close(state, world, day)

    present = register_of(world).group
    if state.known_s.keys() != present.keys():
        _follow(state, present, sheet.second)
    chosen = np.flatnonzero(sheet.roll.group >= 0)
    today = _columns(state, [sheet.subjects[n] for n in chosen])
    room, seen = sheet.subject_room[chosen], sheet.subject_seen[chosen]
    located = room >= 0
    here = np.bincount(room[located], minlength=len(plan.zones))[room]
    # Bands show who is with somebody; that nobody is, only a camera can show.
    contact = located & ((here > 1) | (sheet.people[room] > np.where(seen, 1, 0)))
    today += [seen & ~contact, contact, located & ~plan.is_cell[room], located & plan.is_cell[room]]
    state.today = today.tolist()

    sheet.set("subject.solitary_days", sheet.by_subject(state.solitary_days, 0.0))
    sheet.set("subject.solitary_day", sheet.by_subject(state.solitary_day, np.nan))
    sheet.set("subject.day_judged", sheet.by_subject(state.judged, 0.0))
    sheet.set("subject.outside_min", sheet.by_subject(state.outside_min, np.nan))


DOMAIN = Domain("days", FEATURES, compute, State)
