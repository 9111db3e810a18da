"""What became of alerts at the posts, from the steps of their cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from batch_jobs.derived_registers.answers import alert_answers
from batch_jobs.derived_registers.heard import Heard, news
from ingestion.contracts import EVENTS, AlertAnswer

BEGIN = datetime(2026, 3, 31, 15, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def case(*steps: tuple[float, str, str, str], name: str = "c-1") -> list[Heard]:
    """Steps of a case: seconds since the beginning, what happened, its detail and the alert, where there is one."""
    number = count()
    found = []
    for seconds, step, detail, alert in steps:
        at = int(after(seconds).timestamp() * 1000)
        fields = {"facility": "F1", "device": "d", "event_time": at, "case": name, "number": next(number)}
        fields |= {"rule": "cel-01", "severity": "major", "step": step, "detail": detail, "alert": alert or None}
        found.append(Heard("case", at + 50, EVENTS["case"].model_validate(fields)))
    return found


def last(steps: list[Heard]) -> dict[str, AlertAnswer]:
    return {row.alert: row for row in alert_answers(steps)}


def test_an_alert_is_known_when_told_when_answered_and_when_closed() -> None:
    steps = case((0, "opened", "cel-01", "a"), (40, "answered", "acknowledge", ""), (90, "answered", "on_scene", ""),
                 (300, "answered", "done", ""), (300, "closed", "done", ""))  # fmt: skip
    found = alert_answers(steps)
    assert [(row.answered, row.closed, row.outcome) for row in found] == [
        (None, None, None), (after(40), None, None), (after(40), after(300), "done"),
    ]  # fmt: skip
    assert [row.known_from for row in found] == [after(s) + timedelta(milliseconds=50) for s in (0, 40, 300)]


def test_a_false_alarm_keeps_its_reason_and_no_other_outcome_has_one() -> None:
    steps = case((0, "opened", "cel-01", "a"), (9, "answered", "drill", ""), (9, "closed", "false_alarm", ""))
    assert (last(steps)["a"].outcome, last(steps)["a"].reason) == ("false_alarm", "drill")
    # A post that may not close a case said false alarm; another finished it.
    steps = case((0, "opened", "cel-01", "a"), (9, "answered", "drill", ""), (80, "answered", "done", ""),
                 (80, "closed", "done", ""))  # fmt: skip
    assert (last(steps)["a"].outcome, last(steps)["a"].reason) == ("done", None)


def test_the_accused_posts_answer_is_none() -> None:
    steps = case((0, "opened", "stf-01", "a"), (9, "refused", "acknowledge: accused", ""))
    assert last(steps)["a"].answered is None


def test_every_alert_of_a_case_gets_its_answers_and_each_its_own_rule() -> None:
    steps = case((0, "opened", "cel-01", "a"), (20, "joined", "cel-06", "b"), (60, "answered", "acknowledge", ""),
                 (70, "joined", "hlt-03", "c"), (200, "closed", "done", ""))  # fmt: skip
    found = last(steps)
    assert {name: (row.rule, row.told, row.answered) for name, row in found.items()} == {
        "a": ("cel-01", after(0), after(60)),
        "b": ("cel-06", after(20), after(60)),
        "c": ("hlt-03", after(70), after(70)),
    }
    assert {row.outcome for row in found.values()} == {"done"}


def test_what_goes_up_a_tier_unanswered_stays_so() -> None:
    steps = case(
        (0, "opened", "cel-01", "a"), (120, "escalated", "unanswered", ""), (180, "escalated", "unanswered", "")
    )
    assert [(row.escalated, row.answered) for row in alert_answers(steps)] == [(False, None), (True, None)]


def test_cases_of_two_facilities_with_one_name_are_two() -> None:
    here, there = (case((0, "opened", "cel-01", alert), (9, "closed", "over", "")) for alert in ("a", "b"))
    there = [one._replace(event=one.event.model_copy(update={"facility": "F2"})) for one in there]
    assert {row.facility: row.outcome for row in last([*here, *there]).values()} == {"F1": "over", "F2": "over"}


def test_a_second_look_adds_nothing() -> None:
    found = alert_answers(case((0, "opened", "cel-01", "a"), (40, "answered", "acknowledge", "")))
    assert news(found, found) == []
