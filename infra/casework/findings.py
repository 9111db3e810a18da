"""From an inspection to an accepted re-inspection: minutes reviewed, findings, orders, deadlines, recurrence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple, get_args

from pyiceberg.expressions import EqualTo

from batch_jobs.inspection import Policy, load_policy
from infra.casework.books import Desk
from infra.casework.planning import inspectors_of
from infra.casework.units import facilities_of
from infra.settings import UserError
from ingestion.contracts import (
    Finding,
    FindingEvidence,
    Inspection,
    InspectionAssignment,
    RectificationOrder,
    Reinspection,
)

EVIDENCE = get_args(FindingEvidence.model_fields["kind"].annotation)


def policy_of(desk: Desk) -> Policy:
    return load_policy(desk.settings.home / "inspection.yaml")


def _own(desk: Desk, inspection: str) -> Inspection:
    """An open inspection that was dispatched to the officer who acts."""
    about = desk.one(Inspection, EqualTo("inspection", inspection), inspection)
    given = desk.one(InspectionAssignment, EqualTo("inspection", inspection), inspection)
    if given.dispatched is None:
        raise UserError(f"{inspection} is not dispatched", where="INSPECTION", do="safehold inspect dispatch")
    if given.inspector != desk.by:
        raise UserError(f"{inspection} was given to another inspector", where="--by", do="dispatch it anew")
    if about.outcome != "open":
        raise UserError(f"{inspection} is closed: {about.outcome}", where="INSPECTION", do="give an open one")
    return about


def review(desk: Desk, inspection: str, minutes: int, done: bool) -> Inspection:
    """Add minutes of video that were reviewed; ``done`` closes the inspection with what was found.

    Raises:
        UserError: it is another's, or is to be closed before the required minutes are reviewed.
    """
    about = _own(desk, inspection)
    total = about.reviewed_minutes + minutes
    if done and total < about.required_minutes:
        raise UserError(
            f"{total} of {about.required_minutes} minutes reviewed", where="--done", do="review the rest, then close"
        )
    found = desk.rows(Finding, EqualTo("inspection", inspection))
    closing = {"performed": desk.today, "outcome": "findings" if found else "passed"} if done else {}
    after = desk.changed(about, reviewed_minutes=total, **closing)
    desk.enter("inspect review", f"{inspection}: {total} of {about.required_minutes} min", [after])
    return after


def find(desk: Desk, inspection: str, category: str, severity: str, evidence: Sequence[str]) -> tuple[Finding, bool]:
    """Enter a weakness with what it rests on, each ``kind:reference``.

    Returns:
        the finding, and whether it recurs: the same category there was accepted as mended not long ago.

    Raises:
        UserError: it is another's inspection, or nothing shows the weakness.
    """
    about = _own(desk, inspection)
    if not evidence:
        raise UserError(
            "a finding without evidence", where="--evidence", do="e.g. recording:cam-1/2026-11-24T02:10Z+600s"
        )
    number = len(desk.rows(Finding, EqualTo("inspection", inspection))) + 1
    name = f"f-{inspection}-{number}"[:64]
    finding = desk.row(
        Finding, finding=name, inspection=inspection, facility=about.facility, category=category, severity=severity,
        found=desk.today,
    )  # fmt: skip
    rests_on = []
    for one in evidence:
        kind, _, reference = one.partition(":")
        if kind not in EVIDENCE or not reference:
            raise UserError(f"{one!r} is no evidence", where="--evidence", do=f"KIND:ID, KIND of {', '.join(EVIDENCE)}")
        fields = {"finding": name, "facility": about.facility, "kind": kind, "reference": reference}
        rests_on.append(desk.row(FindingEvidence, **fields))
    desk.enter("inspect find", name, [finding, *rests_on])
    return finding, recurs(desk, finding)


def recurs(desk: Desk, finding: Finding) -> bool:
    """Whether an order of this category at this facility was closed before the finding, within the policy's days."""
    days = timedelta(days=policy_of(desk).recurrence_days)
    return any(
        order.category == finding.category
        and order.finding != finding.finding
        and order.closed is not None
        and order.closed < finding.found <= order.closed + days
        for order in desk.rows(RectificationOrder, EqualTo("facility", finding.facility))
    )


def order(desk: Desk, finding: str, due: date | None = None, listed: bool = False) -> RectificationOrder:
    """Order a weakness to be put right; listed by its severity, where it recurs, or on demand.

    Raises:
        UserError: it has an order, or the deadline lies before today or after what the policy allows.
    """
    about = desk.one(Finding, EqualTo("finding", finding), finding)
    if old := desk.rows(RectificationOrder, EqualTo("finding", finding)):
        raise UserError(
            f"{finding} has an order: {old[0].rectification}", where="FINDING", do="extend or re-inspect it"
        )
    policy = policy_of(desk)
    latest = desk.today + timedelta(days=policy.days_to_mend[about.severity])
    if due is not None and not desk.today <= due <= latest:
        raise UserError(f"{due} is no deadline for a {about.severity} weakness", where="--due", do=f"at most {latest}")
    made = desk.row(
        RectificationOrder, rectification=f"r-{finding}"[:64], finding=finding, facility=about.facility,
        category=about.category, listed=listed or about.severity in policy.listed or recurs(desk, about),
        ordered=desk.today, due=due or latest,
    )  # fmt: skip
    desk.enter("inspect order", f"{made.rectification} due {made.due}{' listed' if made.listed else ''}", [made])
    return made


def extend(desk: Desk, rectification: str, until: date) -> RectificationOrder:
    """Grant a later deadline; whether it was closed on time is still judged by the first one.

    Raises:
        UserError: the order is closed, or the deadline is not later.
    """
    about = desk.one(RectificationOrder, EqualTo("rectification", rectification), rectification)
    if about.closed is not None:
        raise UserError(f"closed on {about.closed}", where="RECTIFICATION", do="give an open order")
    if until <= (about.extended_to or about.due):
        raise UserError(f"{until} is not later than the deadline", where="--until", do="give a later day")
    after = desk.changed(about, extended_to=until)
    desk.enter("inspect extend", f"{rectification} to {until}", [after])
    return after


def reinspect(
    desk: Desk, rectification: str, unit: str, result: Literal["accepted", "rejected"]
) -> tuple[Reinspection, RectificationOrder]:
    """Look again; an accepted one closes the order. By an inspector of the unit without a conflict.

    Raises:
        UserError: the order is closed, or the officer may not inspect there.
    """
    about = desk.one(RectificationOrder, EqualTo("rectification", rectification), rectification)
    if about.closed is not None:
        raise UserError(f"closed on {about.closed}", where="RECTIFICATION", do="give an open order")
    people = {one.inspector: one for one in inspectors_of(desk, unit, desk.today)}
    if desk.by not in people or about.facility in people[desk.by].conflicts:
        raise UserError(
            f"{desk.by} may not inspect {about.facility} for {unit}", where="--by", do="an inspector without a conflict"
        )
    if about.facility not in facilities_of(desk, unit):
        raise UserError(f"{about.facility} is not of {unit}", where="--scope", do="give a unit above the facility")
    number = len(desk.rows(Reinspection, EqualTo("rectification", rectification))) + 1
    looked = desk.row(
        Reinspection, reinspection=f"{rectification}/{number}"[:64], rectification=rectification,
        facility=about.facility, performed=desk.today, result=result,
    )  # fmt: skip
    after = desk.changed(about, closed=desk.today) if result == "accepted" else about
    desk.enter(f"inspect {result}", looked.reinspection, [looked, *([after] if after is not about else [])])
    return looked, after


class Overdue(NamedTuple):
    """An order that is open after its deadline, with the days since."""

    order: RectificationOrder
    days: int


def overdue(desk: Desk, unit: str) -> list[Overdue]:
    """Open orders of a unit's facilities after their (extended) deadline; listed ones first, then the oldest."""
    inside = set(facilities_of(desk, unit))
    late = [
        Overdue(row, (desk.today - (row.extended_to or row.due)).days)
        for row in desk.rows(RectificationOrder)
        if row.facility in inside and row.closed is None and (row.extended_to or row.due) < desk.today
    ]
    return sorted(late, key=lambda one: (not one.order.listed, -one.days, one.order.rectification))
