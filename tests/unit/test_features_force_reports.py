"""Use of force and its report."""

from __future__ import annotations

from ingestion.contracts import TerminalEvent
from tests.support.wing import Told, event


def terminal(at: float, action: str, post: str = "P-A", officer: str | None = None) -> TerminalEvent:
    return event(TerminalEvent, at, f"terminal-{post}", action=action, post=post, officer=officer)


def test_force_waits_for_its_report_and_the_oldest_counts() -> None:
    events = [
        terminal(10, "force_used", officer="o-1"),
        terminal(20, "force_used", officer="o-2"),
        terminal(30, "force_reported", officer="o-1"),
        terminal(40, "force_reported", "CTL", "o-2"),
    ]
    told = Told(events, 60)
    assert [told("facility.force_unreported_s", at) for at in (9, 25, 30, 39, 40)] == [0, 15, 10, 19, 0]


def test_a_report_that_names_nobody_stands_for_its_post() -> None:
    told = Told([terminal(10, "force_used", officer="o-1"), terminal(15, "force_reported", "CTL"),
                 terminal(20, "force_reported")], 40)  # fmt: skip
    assert [told("facility.force_unreported_s", at) for at in (19, 20)] == [9, 0]
