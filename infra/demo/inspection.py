"""An inspection of the demo's past: planned, done, a weakness found, an order listed and left until it is overdue."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import duckdb
from pyiceberg.expressions import EqualTo

from batch_jobs.inspection.plan import week_of
from infra.casework.books import Desk
from infra.casework.findings import find, order, review
from infra.casework.planning import dispatch, plan
from infra.settings import Settings
from ingestion.contracts import InspectionAssignment, RectificationOrder

PROVINCE = "33"
BEFORE, DAYS_TO_MEND = timedelta(days=70), 20


def run_inspection(settings: Settings, until: datetime, seed: int) -> RectificationOrder:
    """Seventy days before the registers end; the deadline is fifty days before it and nobody puts it right."""
    day = until - BEFORE
    monday = day - timedelta(days=day.weekday())

    def desk(by: str, days: int) -> Desk:
        return Desk(settings, by, "demo", monday + timedelta(days=days))

    _, name = plan(desk("o-33", 0), PROVINCE, "video", week_of(monday.date()), seed)
    given = desk("o-33", 1).rows(InspectionAssignment, EqualTo("plan", name))[0]
    who, inspection = given.inspector, given.inspection
    dispatch(desk("o-33", 1), inspection)
    finding, _ = find(desk(who, 2), inspection, "duty", "major", ["recording:cam-duty-01/2:10+600s"])
    review(desk(who, 3), inspection, 240, done=True)
    ordering = desk("o-33", 4)
    return order(ordering, finding.finding, due=ordering.today + timedelta(days=DAYS_TO_MEND))


def published_order(settings: Settings, made: RectificationOrder) -> dict[str, Any]:
    """The order as it was published, and the overdue ones of its province and of the country in the last month."""
    with duckdb.connect(str(settings.published_db), read_only=True) as published:
        found = published.execute(
            "select facility, due, listed, overdue, days_overdue from publication.rectification "
            "where rectification = ?",
            [made.rectification],
        ).fetchone()
        tiers = published.execute(
            "select tier, overdue_at_end from publication.rectification_summary where unit in ('00', ?) "
            "and month = (select max(month) from publication.rectification_summary)",
            [PROVINCE],
        ).fetchall()
    assert found is not None
    facility, due, listed, overdue, days = found
    shown = {"order": made.rectification, "facility": facility, "due": str(due), "listed": listed}
    return {**shown, "overdue": overdue, "days_overdue": days, "overdue_by_tier": dict(tiers)}
