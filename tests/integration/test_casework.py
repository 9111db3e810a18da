"""From a plan to an order that is overdue and shows at province and ministry, in a real lake and a real publication."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from batch_jobs.inspection.plan import week_of
from batch_jobs.marts.build import build_marts
from infra import audit
from infra.casework.books import Desk
from infra.casework.duty_log import day_of, write
from infra.casework.findings import extend, find, order, overdue, reinspect, review
from infra.casework.planning import dispatch, plan
from infra.casework.units import points_of
from infra.settings import Settings, UserError, load_settings
from ingestion.contracts import InspectionAssignment, Inspector, InspectorConflict, RectificationOrder
from ingestion.sources.simulator import Scenario, write_registers
from quality.gate import run_gate
from tests.support.commands import must, safehold
from tests.support.lake import fill, learnt

EVIDENCE = ["recording:cam-cell-01/2026-09-09T02:10Z+600s"]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small simulated country: two provinces, 15 months until 23 November 2026."""
    settings = load_settings(home=tmp_path_factory.mktemp("home"))
    write_registers(settings, Scenario(seed=11, provinces=2, cities_per_province=1, facilities_per_city=2, months=15))
    return settings


def desk(settings: Settings, by: str, day: str, hour: int = 2) -> Desk:
    return Desk(
        settings,
        by,
        "as the plan asks",
        datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour),
    )


def planned(settings: Settings, week: str, day: str, seed: int = 7) -> list[InspectionAssignment]:
    """The assignments of a plan of province 33, made on a day."""
    _, name = plan(desk(settings, "o-33", day), "33", "video", week, seed)
    return [row for row in desk(settings, "o-33", day, 3).rows(InspectionAssignment) if row.plan == name]


@pytest.fixture(scope="module")
def mended(settings: Settings) -> RectificationOrder:
    """An order of September, listed, due on 5 October, sent back once and still open."""
    given = planned(settings, "2026-W37", "2026-09-07")[0]
    who, inspection = given.inspector, given.inspection
    dispatch(desk(settings, "o-33", "2026-09-08"), inspection)
    with pytest.raises(UserError, match=r"200 of 240 minutes reviewed"):
        review(desk(settings, who, "2026-09-09"), inspection, 200, done=True)
    review(desk(settings, who, "2026-09-09"), inspection, 200, done=False)
    finding, _ = find(desk(settings, who, "2026-09-10"), inspection, "duty", "major", EVIDENCE)
    closed = review(desk(settings, who, "2026-09-10", 4), inspection, 40, done=True)
    assert (closed.outcome, closed.performed, closed.reviewed_minutes) == ("findings", date(2026, 9, 10), 240)
    made = order(desk(settings, "o-33", "2026-09-11"), finding.finding, due=date(2026, 10, 5))
    looked, after = reinspect(desk(settings, who, "2026-10-02"), made.rectification, "33", "rejected")
    assert (looked.result, after.closed) == ("rejected", None)
    return made


def published(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.published_db), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_listed_order_that_is_not_mended_in_time_shows_at_the_province_and_the_ministry(
    settings: Settings, mended: RectificationOrder
) -> None:
    name = mended.rectification
    assert mended.listed
    in_time, late = desk(settings, "o-33", "2026-10-05"), desk(settings, "o-33", "2026-10-06")
    assert name not in [one.order.rectification for one in overdue(in_time, "33")]
    for unit in ("00", "33", mended.facility[:4]):
        assert (name, 1) in [(one.order.rectification, one.days) for one in overdue(late, unit)]
    assert name not in [one.order.rectification for one in overdue(late, "44")]

    build_marts(settings)
    assert [f"{c.text} {c.found} {c.rows[:3]}" for c in run_gate(settings).failed] == []
    query = (
        f"select province, listed, due, status, overdue from publication.rectification where rectification = '{name}'"
    )
    assert published(settings, query) == [("33", True, date(2026, 10, 5), "open", True)]
    summary = (
        "select unit, overdue_at_end from publication.rectification_summary "
        "where month = '2026-10-01' and unit in ('00', '33')"
    )
    until = datetime(2026, 11, 23, 13, tzinfo=UTC)
    everything = Desk(settings, "o-00", "a recount", until).rows(RectificationOrder)
    end = date(2026, 10, 31)
    open_late = [
        row.facility for row in everything
        if row.ordered <= end and row.due < end and (row.closed is None or row.closed > end)
    ]  # fmt: skip
    assert mended.facility in open_late
    at = {"00": len(open_late), "33": sum(facility.startswith("33") for facility in open_late)}
    assert dict(published(settings, summary)) == at
    points = points_of(settings)
    assert set(points) == {"330101", "330102", "440101", "440102"}
    assert max(points.values()) > 0, "plans of now on weigh by what was published"


def test_an_accepted_re_inspection_closes_it_and_the_same_weakness_soon_after_recurs_and_is_listed(
    settings: Settings, mended: RectificationOrder
) -> None:
    name = mended.rectification
    with pytest.raises(UserError, match="may not inspect"):
        reinspect(desk(settings, "o-330101-9", "2026-11-10"), name, "33", "accepted")
    who = next(row.inspector for row in planned(settings, "2026-W46", "2026-11-09") if row.facility == mended.facility)
    extended = extend(desk(settings, "o-33", "2026-11-09", 5), name, date(2026, 11, 20))
    assert (extended.due, extended.extended_to) == (date(2026, 10, 5), date(2026, 11, 20))
    assert name not in [one.order.rectification for one in overdue(desk(settings, "o-33", "2026-11-10"), "33")]
    reinspect(desk(settings, who, "2026-11-10"), name, "33", "accepted")
    inspection = f"33-video-2026-W46-{mended.facility}"
    dispatch(desk(settings, "o-33", "2026-11-10"), inspection)
    finding, again = find(desk(settings, who, "2026-11-12"), inspection, "duty", "minor", EVIDENCE)
    assert again
    assert order(desk(settings, "o-33", "2026-11-12", 5), finding.finding).listed
    other, again = find(desk(settings, who, "2026-11-12", 6), inspection, "records", "minor", ["document:book-7"])
    assert again is False or other.facility == mended.facility
    with pytest.raises(UserError, match="has an order"):
        order(desk(settings, "o-33", "2026-11-12", 7), finding.finding)


def test_a_plan_is_made_once_and_refuses_what_it_cannot_use(settings: Settings) -> None:
    first = planned(settings, "2026-W30", "2026-07-20")
    assert {row.facility for row in first} == {"330101", "330102"}
    assert all(row.reason_zh and row.reason_en and row.dispatched is None for row in first)
    with pytest.raises(UserError, match="has its plan: 33/video/2026-W30/7"):
        planned(settings, "2026-W30", "2026-07-20", seed=8)
    with pytest.raises(UserError, match="2026-W29 is over"):
        planned(settings, "2026-W29", "2026-07-20")
    with pytest.raises(UserError, match="'W30' is no week"):
        planned(settings, "W30", "2026-07-20")
    with pytest.raises(UserError, match="no unit '99'"):
        plan(desk(settings, "o-33", "2026-07-20"), "99", "video", "2026-W31", 1)


def test_an_inspection_goes_to_nobody_in_conflict_or_of_another_unit_and_only_its_inspector_works_on_it(
    settings: Settings,
) -> None:
    given = planned(settings, "2026-W26", "2026-06-22")[0]
    at = desk(settings, "o-33", "2026-06-23")
    with pytest.raises(UserError, match="is not dispatched"):
        review(desk(settings, given.inspector, "2026-06-23"), given.inspection, 10, done=False)
    with pytest.raises(UserError, match="is no inspector of 33"):
        dispatch(at, given.inspection, "i-44-1")
    fill(
        settings,
        Inspector(inspector="i-33-9", unit="33", weekly_most=3, known_from=learnt("2026-06-01"), source="t"),
        InspectorConflict(
            inspector="i-33-9",
            facility=given.facility,
            ground="kinship",
            until=date(2026, 6, 30),
            known_from=learnt("2026-06-01"),
            source="t",
        ),
    )
    with pytest.raises(UserError, match="in conflict"):
        dispatch(at, given.inspection, "i-33-9")
    dispatch(at, given.inspection)
    with pytest.raises(UserError, match="given to another inspector"):
        find(desk(settings, "i-33-9", "2026-06-24"), given.inspection, "duty", "minor", EVIDENCE)
    with pytest.raises(UserError, match="a finding without evidence"):
        find(desk(settings, given.inspector, "2026-06-24"), given.inspection, "duty", "minor", [])
    with pytest.raises(UserError, match="'hearsay:x' is no evidence"):
        find(desk(settings, given.inspector, "2026-06-24"), given.inspection, "duty", "minor", ["hearsay:x"])
    with pytest.raises(UserError, match=r"finding\.category"):
        find(desk(settings, given.inspector, "2026-06-24"), given.inspection, "kitchen", "minor", EVIDENCE)


def test_the_duty_log_is_written_by_who_took_over_and_its_holes_are_found(settings: Settings) -> None:
    with pytest.raises(UserError, match="take over first"):
        write(desk(settings, "o-city", "2026-10-10", 1), "4401", "video_check", "440101")
    write(desk(settings, "o-city", "2026-10-10", 1), "4401", "take_over")
    with pytest.raises(UserError, match="330101 is not of 4401"):
        write(desk(settings, "o-city", "2026-10-10", 2), "4401", "video_check", "330101")
    write(desk(settings, "o-city", "2026-10-10", 3), "4401", "video_check", "440101", "cam-cell-01")
    lines, holes = day_of(desk(settings, "o-city", "2026-10-10", 12), "4401", date(2026, 10, 10))
    assert [line.kind for line in lines] == ["take_over", "video_check"]
    # Local time is UTC+8: nobody wrote from midnight to 9, and from 11 until now, 20.
    assert [(a.hour, b.hour) for a, b in ((a.astimezone(UTC), b.astimezone(UTC)) for a, b in holes)] == [
        (16, 1),
        (3, 12),
    ]


def test_a_plan_is_made_at_the_command_line_and_faults_are_said_plainly(settings: Settings) -> None:
    week = week_of(datetime.now(UTC).date() + timedelta(days=7))
    home = settings.home
    made = must(home, "inspect", "plan", "--scope", "44", "--week", week, "--seed", "3", "--by", "o-44")
    first, *rest = made.out.splitlines()
    assert first.startswith(f"44/video/{week}/3: ")
    assert {line.split()[0] for line in rest} == {"440101", "440102"}
    shown = must(home, "inspect", "overdue", "--scope", "440101", "--by", "o-44")
    assert " orders overdue in 440101, " in shown.out
    wrong = safehold(home, "inspect", "plan", "--scope", "44", "--week", "next", "--seed", "3", "--by", "o-44")
    assert (wrong.code, wrong.err.splitlines()[0]) == (2, "error: 'next' is no week")


def test_every_step_stands_in_the_audit_log_and_its_chain_holds(settings: Settings, mended: RectificationOrder) -> None:
    with pytest.raises(UserError, match="--by"):
        desk(settings, " ", "2026-10-10")
    entries, faults = audit.verify(settings)
    assert entries >= 8
    assert faults == []
