"""The plan of a week: cycles first, then draws by risk and with equal chances; nobody too much, nobody in conflict.

**Coverage.** Each facility is due in the week in which its cycle ends. A schedule of the coming cycle is matched
(facilities to places of inspectors, without conflicts) that uses as few places of this week as it can: those that
must be this week's are this week's. If such a schedule exists in one week, it exists in the next: what was not
inspected keeps its later place, and what was inspected takes the same inspector's place one cycle on. So a cycle
once covered stays covered while inspectors, conflicts and facilities stay.

**Draws.** What is left of the week goes to facilities without replacement, a share with equal chances, the rest by
weight (Efraimidis & Spirakis 2006, Weighted random sampling with a reservoir, Inf. Process. Lett. 97: the largest of
u^(1/w) first). Everything follows from seed and inputs, in whatever order they are given.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment

Basis = Literal["cycle", "risk", "random"]
WEEK = timedelta(days=7)
_THIS_WEEK, _LATE, _NEVER = 1.0, 1e4, 1e9
"""Costs of a place in the schedule: of this week, of a week after the cycle's end, and of none."""


@dataclass(frozen=True)
class Site:
    """A facility that may be inspected; ``weight`` is 1 and its points of load and weakness."""

    facility: str
    last: date | None
    weight: int = 1


@dataclass(frozen=True)
class Inspector:
    """Who inspects: at most so many in a week, none of those in conflict."""

    inspector: str
    weekly_most: int
    conflicts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Choice:
    """One inspection of the plan, with its reason."""

    facility: str
    inspector: str
    basis: Basis
    weight: int
    reason_zh: str
    reason_en: str


@dataclass(frozen=True)
class Plan:
    """Choices of a week, and the facilities whose cycle cannot be kept, with why not (zh, en)."""

    choices: tuple[Choice, ...]
    uncovered: tuple[tuple[str, str, str], ...]


def week_of(monday: date) -> str:
    """``2026-W48``."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def due_in(site: Site, monday: date, cycle_weeks: int) -> int:
    """Weeks from this one (0) to the one in which the facility's cycle ends; overdue and never seen: 0."""
    if site.last is None:
        return 0
    last_monday = site.last - timedelta(days=site.last.weekday())
    return max(0, (last_monday - monday).days // 7 + cycle_weeks)


def plan_week(
    sites: Sequence[Site],
    inspectors: Sequence[Inspector],
    monday: date,
    cycle_weeks: int,
    random_share: float,
    seed: int,
    most: int | None = None,
) -> Plan:
    """The inspections of the week that begins on a Monday.

    Args:
        most: no more than this many beside what the cycles ask for; None for as many as the inspectors can do.
    """
    rng = random.Random(f"{seed}/{week_of(monday)}/{cycle_weeks}")
    sites = sorted(sites, key=lambda site: site.facility)
    people = sorted(inspectors, key=lambda one: one.inspector)
    rng.shuffle(people)  # no inspector comes first for the name
    due = {site.facility: due_in(site, monday, cycle_weeks) for site in sites}

    must, behind = _must_be_this_week(sites, people, due, cycle_weeks)
    chosen: dict[str, Basis] = dict.fromkeys(must, "cycle")
    room = sum(one.weekly_most for one in people) - len(chosen)
    if most is not None:
        room = min(room, max(0, most - len(chosen)))
    drawn_evenly = math.ceil(room * random_share)
    rest = [site for site in sites if site.facility not in chosen]
    even = sorted(rest, key=lambda site: (rng.random(), site.facility))
    by_risk = sorted(rest, key=lambda site: (-(rng.random() ** (1 / site.weight)), site.facility))
    _add(chosen, even, "random", len(must) + drawn_evenly, people)
    _add(chosen, by_risk, "risk", len(must) + room, people)

    given = _assign(list(chosen), people)
    by_name = {site.facility: site for site in sites}
    choices = tuple(
        Choice(name, given[name], basis, by_name[name].weight, *_reason(by_name[name], basis, due[name], monday))
        for name, basis in sorted(chosen.items())
    )
    return Plan(choices, tuple((name, *_why_not(name, behind[name], people)) for name in sorted(behind)))


def _must_be_this_week(
    sites: Sequence[Site], people: Sequence[Inspector], due: dict[str, int], cycle_weeks: int
) -> tuple[list[str], dict[str, int | None]]:
    """Facilities that this week has to take so that the rest finds its place in time.

    Returns:
        them, and those that come late: by how many weeks, or None where the whole cycle has no place.
    """
    sites = [site for site in sites if due[site.facility] < cycle_weeks]
    places = [(week, one) for week in range(cycle_weeks) for one in people for _ in range(one.weekly_most)]
    if not sites or not places:
        return [], {site.facility: None for site in sites}
    weeks = np.array([week for week, _ in places])
    heaviest = max(site.weight for site in sites)
    cost = np.full((len(sites), len(places)), _NEVER)
    for row, site in enumerate(sites):
        free = np.array([site.facility not in one.conflicts for _, one in places])
        until = due[site.facility]
        # A place of this week costs, so that as few as can be are taken; the sooner a cycle ends the less.
        first = _THIS_WEEK * (1 + until / (10 * len(sites) * cycle_weeks))
        cost[row, free & (weeks <= until)] = 0.0
        cost[row, free & (weeks == 0)] = first
        late = free & (weeks > until)
        cost[row, late] = _LATE * (1 + (weeks[late] - until) * site.weight / (10 * len(sites) * heaviest))
    must: list[str] = []
    behind: dict[str, int | None] = {site.facility: None for site in sites}
    for row, column in zip(*linear_sum_assignment(cost), strict=True):
        name, week = sites[row].facility, int(weeks[column])
        if cost[row, column] >= _NEVER:
            continue
        behind[name] = max(0, week - due[name])
        if week == 0:
            must.append(name)
    return must, {name: weeks_late for name, weeks_late in behind.items() if weeks_late != 0}


def _add(
    chosen: dict[str, Basis], order: Sequence[Site], basis: Basis, until: int, people: Sequence[Inspector]
) -> None:
    """Take facilities in an order while there is room and an inspector without conflict."""
    for site in order:
        if len(chosen) >= until:
            return
        if site.facility not in chosen and len(_assign([*chosen, site.facility], people)) == len(chosen) + 1:
            chosen[site.facility] = basis


def _assign(facilities: Sequence[str], people: Sequence[Inspector]) -> dict[str, str]:
    """An inspector for each facility, as evenly as conflicts allow; a facility without one is left out."""
    places = [(number, one) for one in people for number in range(one.weekly_most)]
    if not facilities or not places:
        return {}
    cost = np.array(
        [[_NEVER if name in one.conflicts else float(number**2) for number, one in places] for name in facilities]
    )
    return {
        facilities[row]: places[column][1].inspector
        for row, column in zip(*linear_sum_assignment(cost), strict=True)
        if cost[row, column] < _NEVER
    }


def _reason(site: Site, basis: Basis, due: int, monday: date) -> tuple[str, str]:
    if basis == "random":
        return "随机抽取（机会均等）", "drawn with equal chances"
    if basis == "risk":
        return f"按风险抽取：权重 {site.weight}", f"drawn by risk: weight {site.weight}"
    if site.last is None:
        return "从未检查", "never inspected"
    days = (monday - site.last).days
    if due == 0:
        return f"检查周期本周届满：距上次 {days} 天", f"its cycle ends this week: {days} days since the last"
    return (
        f"提前安排，以保证 {due} 周后周期届满前全部覆盖",
        f"taken early, so that all are covered when its cycle ends in {due} weeks",
    )


def _why_not(facility: str, weeks_late: int | None, people: Sequence[Inspector]) -> tuple[str, str]:
    if all(facility in one.conflicts for one in people if one.weekly_most):
        return "无可派检查人员（均须回避或无人在岗）", "no inspector without a conflict"
    if weeks_late is None:
        return "检查力量不足，整个周期内无法安排", "too few inspectors: no place in the whole cycle"
    return f"检查力量不足，将逾期 {weeks_late} 周", f"too few inspectors: it comes {weeks_late} weeks late"
