"""Planning a unit's week, and dispatching what is planned."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from pyiceberg.expressions import EqualTo

from batch_jobs.inspection import Inspector as Person
from batch_jobs.inspection import Plan, Site, load_policy, plan_week
from batch_jobs.inspection.plan import week_of
from batch_jobs.inspection.policy import Kind
from infra.casework.books import Desk
from infra.casework.units import facilities_of, points_of
from infra.settings import UserError
from ingestion.contracts import Inspection, InspectionAssignment, Inspector, InspectorConflict


def monday_of(week: str) -> date:
    """The Monday of an ISO week, e.g. ``2026-W48``.

    Raises:
        UserError: it is none.
    """
    try:
        return date.fromisoformat(f"{week}-1")
    except ValueError as error:
        raise UserError(f"{week!r} is no week", where="--week", do="write it as 2026-W48") from error


def inspectors_of(desk: Desk, unit: str, day: date) -> list[Person]:
    """Inspectors of a unit in office on a day, with the facilities they may not inspect then."""
    conflicts: dict[str, set[str]] = {}
    for row in desk.rows(InspectorConflict):
        if row.until is None or row.until >= day:
            conflicts.setdefault(row.inspector, set()).add(row.facility)
    return [
        Person(row.inspector, row.weekly_most, frozenset(conflicts.get(row.inspector, ())))
        for row in desk.rows(Inspector, EqualTo("unit", unit))
        if row.left is None or row.left >= day
    ]


def plan(desk: Desk, unit: str, kind: Kind, week: str, seed: int, most: int | None = None) -> tuple[Plan, str]:
    """Plan a unit's inspections of a week and enter them: open inspections with their assignments.

    Returns:
        the plan and its id, which names all that it follows from beside the registers.

    Raises:
        UserError: the week is over or has a plan already, or the unit has no inspectors.
    """
    monday = monday_of(week)
    if monday + timedelta(days=6) < desk.today:
        raise UserError(f"{week} is over", where="--week", do="plan this week or a later one")
    policy = load_policy(desk.settings.home / "inspection.yaml")
    facilities = facilities_of(desk, unit)
    people = inspectors_of(desk, unit, monday)
    if not people:
        raise UserError(f"{unit} has no inspectors", where="register.inspector", do="safehold register import")
    prefix = f"{unit}/{kind}/{week_of(monday)}/"
    given = desk.rows(InspectionAssignment)
    if made := sorted({row.plan for row in given if row.plan.startswith(prefix)}):
        raise UserError(
            f"{week} has its plan: {made[0]}", where="--week", do="safehold inspect dispatch, or another week"
        )
    inspections = [row for row in desk.rows(Inspection, EqualTo("dispatched_by", unit)) if row.kind == kind]
    # A planned one counts as the last: it will be seen to, and shows as missed where it is not.
    last = {row.facility: _day(row) for row in sorted(inspections, key=_day) if _counts(row, desk.today)}
    taken = Counter(row.inspector for row in given if _week(row) == week_of(monday))
    people = [replace(one, weekly_most=max(0, one.weekly_most - taken[one.inspector])) for one in people]
    points = points_of(desk.settings)
    sites = [Site(name, last.get(name), 1 + points.get(name, 0)) for name in facilities]
    made_plan = plan_week(sites, people, monday, policy.cycle_weeks[kind], policy.random_share, seed, most)
    name = f"{prefix}{seed}"
    rows: list[Inspection | InspectionAssignment] = []
    for number, choice in enumerate(made_plan.choices):
        inspection = f"{unit}-{kind}-{week_of(monday)}-{choice.facility}"[:64]
        rows.append(
            desk.row(
                Inspection, inspection=inspection, facility=choice.facility, kind=kind, dispatched_by=unit,
                scheduled=monday + timedelta(days=number % 5), required_minutes=policy.required_minutes[kind],
            )
        )  # fmt: skip
        rows.append(
            desk.row(
                InspectionAssignment, inspection=inspection, facility=choice.facility, inspector=choice.inspector,
                plan=name, basis=choice.basis, weight=choice.weight, reason_zh=choice.reason_zh,
                reason_en=choice.reason_en,
            )
        )  # fmt: skip
    if rows:
        desk.enter("inspect plan", name, rows)
    return made_plan, name


def _week(row: InspectionAssignment) -> str:
    return row.plan.split("/")[2]


def _day(row: Inspection) -> date:
    return row.performed or row.scheduled


def _counts(row: Inspection, today: date) -> bool:
    return row.performed is not None or row.scheduled >= today


def dispatch(desk: Desk, inspection: str, inspector: str = "") -> InspectionAssignment:
    """Hand a planned inspection to its inspector, or to another one of the unit.

    Raises:
        UserError: it is done already, or the other inspector may not or cannot.
    """
    about = desk.one(Inspection, EqualTo("inspection", inspection), inspection)
    given = desk.one(InspectionAssignment, EqualTo("inspection", inspection), inspection)
    if about.performed is not None:
        raise UserError(f"{inspection} was done on {about.performed}", where="INSPECTION", do="give an open one")
    who = inspector or given.inspector
    people = {one.inspector: one for one in inspectors_of(desk, about.dispatched_by, about.scheduled)}
    if who not in people:
        raise UserError(
            f"{who} is no inspector of {about.dispatched_by}",
            where="--inspector",
            do=f"use one of: {', '.join(people)}",
        )
    if about.facility in people[who].conflicts:
        raise UserError(f"{who} is in conflict with {about.facility}", where="--inspector", do="choose another one")
    week = _week(given)
    load = sum(
        row.inspector == who and _week(row) == week and row.inspection != inspection
        for row in desk.rows(InspectionAssignment)
    )
    if load >= people[who].weekly_most:
        raise UserError(f"{who} has {load} inspections in {week} already", where="--inspector", do="choose another one")
    handed = desk.changed(given, inspector=who, dispatched=desk.today)
    desk.enter("inspect dispatch", f"{inspection} to {who}", [handed])
    return handed
