"""Plans of inspections: every facility in its cycle, nobody overloaded or in conflict, risk counts, seeds reproduce."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_jobs.inspection import Inspector, Site, plan_week
from batch_jobs.inspection.plan import WEEK, due_in, week_of

MONDAY = date(2026, 11, 23)
PEOPLE = (Inspector("i-1", 2), Inspector("i-2", 2))


def sites(*names: str, last: date | None = MONDAY - WEEK, weight: int = 1) -> list[Site]:
    return [Site(name, last, weight) for name in names]


@st.composite
def units(draw: st.DrawFn) -> tuple[list[Site], list[Inspector], int]:
    """A unit with a schedule of its cycle, often just so: each facility has its own place, and is due then or later."""
    cycle = draw(st.integers(2, 5))
    names = [f"i-{n}" for n in range(draw(st.integers(1, 3)))]
    places = st.tuples(st.sampled_from(names), st.integers(0, cycle - 1))
    facilities = {
        f"f-{n:02d}": place for n, place in enumerate(draw(st.lists(places, min_size=1, max_size=12, unique=True)))
    }
    people = []
    for name in names:
        others = [facility for facility, (who, _) in facilities.items() if who != name]
        conflicts = draw(st.frozensets(st.sampled_from(others))) if others else frozenset()
        people.append(Inspector(name, 1, conflicts))
    found = []
    for facility, (_, week) in facilities.items():
        due = draw(st.integers(week, cycle - 1))
        last = MONDAY + (due - cycle) * WEEK + timedelta(draw(st.integers(0, 6)))
        found.append(Site(facility, last, draw(st.integers(1, 12))))
    return found, people, cycle


@settings(max_examples=40, deadline=None)
@given(units(), st.integers(0, 2**31), st.floats(0, 1), st.sampled_from([0, 2, None]))
def test_every_facility_is_inspected_within_its_cycle_by_somebody_who_may_and_nobody_does_too_much(
    unit: tuple[list[Site], list[Inspector], int], seed: int, share: float, most: int | None
) -> None:
    found, people, cycle = unit
    conflicts = {one.inspector: one.conflicts for one in people}
    load = {one.inspector: one.weekly_most for one in people}
    for number in range(2 * cycle):
        monday = MONDAY + number * WEEK
        plan = plan_week(found, people, monday, cycle, share, seed, most)
        assert plan.uncovered == ()
        assert all(count <= load[name] for name, count in Counter(c.inspector for c in plan.choices).items())
        assert not [c for c in plan.choices if c.facility in conflicts[c.inspector]]
        assert all(c.reason_zh and c.reason_en for c in plan.choices)
        done = {c.facility for c in plan.choices}
        late = [s.facility for s in found if s.facility not in done and due_in(s, monday, cycle) == 0]
        assert late == [], f"in week {number}"
        found = [Site(s.facility, monday + timedelta(4), s.weight) if s.facility in done else s for s in found]


@settings(max_examples=25, deadline=None)
@given(units(), st.integers(0, 2**31), st.randoms(use_true_random=False))
def test_the_same_seed_gives_the_same_plan_in_whatever_order_its_inputs_come(
    unit: tuple[list[Site], list[Inspector], int], seed: int, shuffler: object
) -> None:
    found, people, cycle = unit
    plan = plan_week(found, people, MONDAY, cycle, 0.3, seed)
    shuffler.shuffle(found)  # type: ignore[attr-defined]
    shuffler.shuffle(people)  # type: ignore[attr-defined]
    assert plan_week(found, people, MONDAY, cycle, 0.3, seed) == plan


def test_another_seed_gives_another_plan() -> None:
    found = sites(*(f"f-{n}" for n in range(12)))
    assert len({plan_week(found, PEOPLE, MONDAY, 8, 0.5, seed).choices for seed in range(5)}) == 5


def test_a_facility_of_weight_nine_is_drawn_by_risk_far_more_often_than_one_of_weight_one() -> None:
    found = [*sites("heavy", weight=9), *sites(*(f"f-{n}" for n in range(9)))]
    drawn = Counter[str]()
    for seed in range(400):
        drawn.update(c.facility for c in plan_week(found, PEOPLE, MONDAY, 52, 0.0, seed, most=1).choices)
    # One draw: 9 of 18. The binomial's standard deviation is 10.
    assert drawn["heavy"] == pytest.approx(200, abs=40)


def test_a_draw_with_equal_chances_knows_no_weight() -> None:
    found = [*sites("heavy", weight=9), *sites(*(f"f-{n}" for n in range(9)))]
    drawn = Counter[str]()
    for seed in range(400):
        drawn.update(c.facility for c in plan_week(found, PEOPLE, MONDAY, 52, 1.0, seed, most=1).choices)
    assert drawn["heavy"] == pytest.approx(40, abs=24)


def test_the_random_share_is_of_what_the_cycles_leave() -> None:
    found = [*sites("due", last=MONDAY - 3 * WEEK), *sites(*(f"f-{n}" for n in range(9)))]
    basis = Counter(c.basis for c in plan_week(found, PEOPLE, MONDAY, 3, 0.3, 1).choices)
    assert basis["random"] == 1
    assert basis["cycle"] + basis["risk"] == 3


def test_a_choice_says_why_in_both_languages() -> None:
    found = [*sites("new", last=None), *sites("due", last=MONDAY - timedelta(25)), *sites("other", weight=7)]
    reasons = {c.facility: (c.reason_zh, c.reason_en) for c in plan_week(found, PEOPLE, MONDAY, 4, 0.0, 1).choices}
    assert reasons == {
        "new": ("从未检查", "never inspected"),
        "due": ("检查周期本周届满：距上次 25 天", "its cycle ends this week: 25 days since the last"),
        "other": ("按风险抽取：权重 7", "drawn by risk: weight 7"),
    }


def test_what_a_later_week_could_not_hold_is_taken_early() -> None:
    one = (Inspector("i-1", 1),)
    found = sites("a", "b", last=MONDAY - 2 * WEEK)  # both due next week, one place a week
    plan = plan_week(found, one, MONDAY, 3, 0.0, 1)
    assert [(c.basis, c.reason_en) for c in plan.choices] == [
        ("cycle", "taken early, so that all are covered when its cycle ends in 1 weeks")
    ]
    assert plan.uncovered == ()


def test_too_few_inspectors_are_named_and_the_heavier_facility_comes_first() -> None:
    one = (Inspector("i-1", 1),)
    found = [*sites("a", last=None), *sites("b", last=None, weight=5)]
    plan = plan_week(found, one, MONDAY, 4, 0.0, 1)
    assert [c.facility for c in plan.choices] == ["b"]
    assert plan.uncovered == (("a", "检查力量不足，将逾期 1 周", "too few inspectors: it comes 1 weeks late"),)
    crowd = plan_week(sites(*"abcde", last=None), one, MONDAY, 4, 0.0, 1)
    assert [en for *_, en in crowd.uncovered if "whole cycle" in en] == [
        "too few inspectors: no place in the whole cycle"
    ]


def test_a_facility_with_which_all_are_in_conflict_is_left_out_with_the_reason() -> None:
    people = (Inspector("i-1", 2, frozenset({"a"})), Inspector("i-2", 2, frozenset({"a"})))
    plan = plan_week(sites("a", "b", last=None), people, MONDAY, 4, 0.3, 1)
    assert [c.facility for c in plan.choices] == ["b"]
    assert plan.uncovered == (("a", "无可派检查人员（均须回避或无人在岗）", "no inspector without a conflict"),)


def test_without_inspectors_or_facilities_the_plan_is_empty() -> None:
    assert plan_week([], PEOPLE, MONDAY, 4, 0.3, 1).choices == ()
    assert [name for name, *_ in plan_week(sites("a", last=None), (), MONDAY, 4, 0.3, 1).uncovered] == ["a"]


def test_work_is_spread_evenly() -> None:
    plan = plan_week(sites("a", "b", "c", "d", last=None), (Inspector("i-1", 4), Inspector("i-2", 4)), MONDAY, 4, 0, 1)
    assert Counter(c.inspector for c in plan.choices) == {"i-1": 2, "i-2": 2}


def test_weeks_are_named_as_iso_8601_does() -> None:
    assert week_of(MONDAY) == "2026-W48"
    assert week_of(date(2024, 12, 30)) == "2025-W01"
