"""Changes of shift: handed over, signed off, never without an officer."""

from __future__ import annotations

import pytest

from ingestion.contracts import DutyShift, Event, TerminalEvent
from tests.support.wing import Told, event


def duty(at: float, action: str, name: str, **more: object) -> DutyShift:
    return event(
        DutyShift, at, "roster", shift=name, post="CTL", officer=f"o-{name}", zone="CTL", action=action, **more
    )


def terminal(at: float, action: str, **more: object) -> TerminalEvent:
    return event(TerminalEvent, at, "terminal-CTL", post="CTL", action=action, **more)


OLD = [duty(1, "plan", "old", starts_at=-100, ends_at=100), duty(2, "sign_on", "old")]
NEW = [duty(3, "plan", "new", starts_at=100, ends_at=9000), duty(90, "sign_on", "new")]


def test_a_change_is_overdue_from_its_planned_time_until_it_is_handed_over_and_signed_off() -> None:
    told = Told([*OLD, *NEW, terminal(150, "handover"), duty(160, "sign_off", "old")], 200)
    assert [told("facility.handover_overdue_s", at) for at in (99, 110, 155, 160)] == [0, 10, 55, 0]


def test_the_terminal_s_sign_off_counts_as_the_roster_s_does() -> None:
    told = Told([*OLD, *NEW, terminal(95, "handover"), terminal(120, "sign_off", officer="o-old")], 200)
    assert [told("facility.handover_overdue_s", at) for at in (119, 120)] == [19, 0]


def test_a_shift_that_nobody_relieves_is_no_change() -> None:
    told = Told(OLD, 200)
    assert told("facility.handover_overdue_s", 150) == 0


def test_a_change_that_is_planned_late_or_moved_is_judged_by_the_plan_that_is_known() -> None:
    moved = duty(120, "plan", "old", starts_at=-100, ends_at=400)
    told = Told([*OLD, *NEW, moved], 450)
    assert [told("facility.handover_overdue_s", at) for at in (119, 120, 410)] == [19, 0, 10]


def test_a_post_is_uncovered_from_a_sign_off_until_the_next_sign_on() -> None:
    events: list[Event] = [
        *OLD,
        NEW[0],
        terminal(70, "handover"),
        duty(80, "sign_off", "old"),
        duty(150, "sign_on", "new"),
    ]
    told = Told(events, 200)
    assert [told("facility.post_uncovered_s", at) for at in (79, 90, 149, 150)] == [0, 10, 69, 0]
    overlapping = Told([*OLD, *NEW, duty(120, "sign_off", "old")], 200)
    assert max(overlapping("facility.post_uncovered_s", at) for at in (119, 120, 190)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("restart", [0, 4, 6])
def test_the_missing_handover_of_a_change_is_raised_after_a_quarter_of_an_hour(restart: int) -> None:
    told = Told([*OLD, *NEW, duty(160, "sign_off", "old")], 1100, restart=restart)
    assert told.alerts("stf-08") == [("raised", "", 1001)]
