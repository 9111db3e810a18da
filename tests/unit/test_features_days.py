"""Hours alone and outside the cell by local day; unobserved time makes neither a violation nor a good day."""

from __future__ import annotations

from math import isnan

import pytest

from streaming_jobs.features.domains.days import outside_minutes, solitary_days
from streaming_jobs.fold.facility import FacilityFold
from tests.support.cells import Watch, at, cells, detainee, there
from tests.support.scene import FACILITY, band, config, end, person, received

H = 3600
MIDNIGHT = 12 * H  # the scene begins at noon, so this is the first midnight
DAY = 24 * H


def a_full_day(watch: Watch, alone: float, contact: float, outside: float, inside: float, number: int = 0) -> Watch:
    """The day after midnight ``number`` went by with these hours of p-1; the first second of the next one."""
    watch.see(MIDNIGHT + number * DAY, there(MIDNIGHT + number * DAY, ("p-1", "C1", 5)))
    state = watch.world.domains["days"]
    state.today = [[round(hours * H)] for hours in (alone, contact, outside, inside)]
    return watch.see(MIDNIGHT + (number + 1) * DAY)


def new() -> Watch:
    return Watch().see(0, [detainee("p-1"), *there(0, ("p-1", "C1", 5))])


@pytest.mark.parametrize(
    ("who", "column"),
    [
        ([("p-1", "C1", 5)], 0),
        ([("p-1", "C1", 5), ("p-2", "C1/bed", 1)], 1),
        ([("p-1", "C1", 5), ("p-2", "C2", 15)], 0),
    ],
)
def test_a_second_is_alone_when_nobody_else_is_seen_in_the_room(who: list[tuple[str, str, float]], column: int) -> None:
    state = Watch().see(0, [detainee("p-1"), *there(0, *who)]).world.domains["days"]
    assert [seconds[0] for seconds in state.today] == [column == 0, column == 1, 0, 1]


def test_an_officer_in_the_room_is_company() -> None:
    both = [*there(0, ("p-1", "C1", 5)), *there(0, ("o-1", "C1", 6), role="officer")]
    state = Watch().see(0, [detainee("p-1"), *both]).world.domains["days"]
    assert [seconds[0] for seconds in state.today] == [0, 1, 0, 1]


def test_in_the_yard_is_outside_and_a_wristband_shows_where_but_not_that_one_is_alone() -> None:
    watch = Watch().see(0, [detainee("p-1"), *there(0, ("p-1", "YARD", 45))])
    assert [s[0] for s in watch.world.domains["days"].today] == [1, 0, 1, 0]
    watch = Watch().see(0, [detainee("p-1"), band("p-1", at(0), zone="C1")])
    assert [s[0] for s in watch.world.domains["days"].today] == [0, 0, 0, 1]
    together = [detainee("p-1"), detainee("p-2"), band("p-1", at(0), zone="C1"), band("p-2", at(0), zone="C1")]
    assert Watch().see(0, together).world.domains["days"].today[1] == [1, 1]


def test_who_is_neither_seen_nor_heard_is_counted_nowhere() -> None:
    state = Watch().see(0, [detainee("p-1"), *there(0)]).world.domains["days"]
    assert state.today == [[0], [0], [0], [0]]


def test_the_day_of_which_only_a_part_is_known_is_not_judged() -> None:
    watch = new()
    watch.world.domains["days"].today = [[0], [11 * H], [0], [11 * H]]
    watch.see(MIDNIGHT)
    assert watch("subject.day_judged", "p-1") == 0
    assert watch("subject.solitary_days", "p-1") == 0
    assert isnan(watch("subject.outside_min", "p-1"))


def test_a_full_day_counts_once_it_is_over() -> None:
    watch = a_full_day(new(), alone=23, contact=1, outside=0.7, inside=23.3)
    assert watch("subject.day_judged", "p-1") == 1
    assert watch("subject.solitary_days", "p-1") == 1
    assert watch("subject.solitary_day", "p-1") == 1
    assert watch("subject.outside_min", "p-1") == pytest.approx(42, abs=0.1)


def test_a_day_in_company_ends_the_run() -> None:
    watch = a_full_day(new(), alone=23, contact=1, outside=1, inside=23)
    assert a_full_day(watch, alone=10, contact=14, outside=2, inside=22, number=1)("subject.solitary_days", "p-1") == 0


def test_an_unobserved_day_neither_goes_on_nor_ends_the_run() -> None:
    watch = a_full_day(new(), alone=23, contact=1, outside=1, inside=23)
    watch = a_full_day(watch, alone=12, contact=1, outside=1, inside=12, number=1)
    assert isnan(watch("subject.solitary_days", "p-1"))
    assert isnan(watch("subject.solitary_day", "p-1"))
    again = a_full_day(watch, alone=23, contact=1, outside=1, inside=3, number=2)
    assert isnan(again("subject.solitary_days", "p-1"))
    assert again("subject.solitary_day", "p-1") == 1, "the day itself is known, the run is not"
    watch = a_full_day(watch, alone=1, contact=3, outside=1, inside=3, number=3)
    assert watch("subject.solitary_days", "p-1") == 0


def test_whole_days_of_silence_are_unknown_days() -> None:
    watch = a_full_day(new(), alone=23, contact=1, outside=1, inside=23)
    watch.see(MIDNIGHT + 4 * DAY)
    assert isnan(watch("subject.solitary_days", "p-1"))
    assert isnan(watch("subject.outside_min", "p-1"))
    assert isnan(watch("subject.solitary_day", "p-1"))
    assert watch("subject.day_judged", "p-1") == 1


@pytest.mark.parametrize(
    ("run", "days"), [("", 0), ("yyy", 3), ("?y", None), ("?", None), ("?" + 15 * "y", None), ("?" + 16 * "y", 16)]
)
def test_a_run_is_known_where_no_unknown_day_decides(run: str, days: float | None) -> None:
    assert isnan(solitary_days(run)) if days is None else solitary_days(run) == days


@pytest.mark.parametrize(
    ("outside", "inside", "minutes"),
    [
        (H, 10 * H, 60),  # an hour was seen, whatever happened in the rest
        (1800, DAY - 1800, 30),
        (1800, DAY - 3000, 50),  # even if all unobserved time was outside it was no hour
        (1800, DAY - H, None),
        (0, 0, None),
    ],
)
def test_time_outside_is_known_where_unobserved_time_does_not_decide(
    outside: int, inside: int, minutes: float | None
) -> None:
    found = outside_minutes(outside, inside, DAY)
    assert isnan(found) if minutes is None else found == minutes


def test_who_leaves_is_forgotten() -> None:
    watch = a_full_day(new(), alone=23, contact=1, outside=0.5, inside=23.5)
    watch.see(MIDNIGHT + DAY + 1, [person("p-1", at(MIDNIGHT + DAY + 1), present=False)])
    state = watch.world.domains["days"]
    assert (state.known_s, state.runs, state.judged, state.subjects) == ({}, {}, {}, [])


@pytest.mark.slow
def test_the_sixteenth_day_alone_and_the_day_without_an_hour_outside_raise_their_alerts_at_midnight() -> None:
    fold = FacilityFold(FACILITY.encode(), config())
    fold.process(0, received([cells(), detainee("p-1"), *there(1, ("p-1", "C1", 5)), end(at(2))], at=at(10 * DAY)))
    assert fold.world is not None
    state = fold.world.domains["days"]
    # Fifteen days have gone by, and most of the sixteenth.
    fold.world.since_s -= 16 * DAY
    state.known_s["p-1"] -= 16 * DAY
    state.runs["p-1"], state.solitary_days["p-1"] = "y" * 15, 15.0
    state.today = [[22 * H - 5], [H], [1800], [23 * H + 1800]]
    last = [e for s in range(MIDNIGHT - 10, MIDNIGHT + 10) for e in there(s, ("p-1", "C1", 5))]
    out = fold.process(0, received([*last, end(at(MIDNIGHT + 10))], at=at(10 * DAY)))
    raised = {a["rule"]: (a["onset"], a["subjects"]) for a in out.alert if a["rule"] in ("cel-16", "cel-18")}
    assert raised == {"cel-16": (at(MIDNIGHT), ["p-1"]), "cel-18": (at(MIDNIGHT), ["p-1"])}
