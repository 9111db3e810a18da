"""Lines and doors: what crosses, which doors are open together, who passes without a badge, who is where."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ingestion.contracts import Event
from tests.support.rooms import door, fence, health, inside, plan, play
from tests.support.scene import T0, end, fold_all, frame, in_order, person, received, seen

S = 1000


def test_a_sensor_reports_a_crossing_a_climb_or_a_cut_in_its_second_and_wind_is_none_of_them() -> None:
    events = [fence(5, "crossing"), fence(7, "climb"), fence(7.5, "cut"), fence(9, "vibration"), fence(10, "restored")]
    assert play(events, 4, 5, 6, 7, 9, 10)("zone.perimeter_crossings", "FENCE") == [0, 1, 0, 2, 0, 0]


def test_a_foot_over_the_line_counts_as_long_as_it_is_there_but_not_that_of_an_officer() -> None:
    events = [
        inside("GATE", 1, ("w", "worker"), ("o", "officer")),
        inside("LINE", 2, ("w", "worker"), ("o", "officer")),
        *(inside("LINE", s, ("w", "worker"), ("o", "officer")) for s in (3, 4, 5, 6)),
        inside("GATE", 7, ("w", "worker")),
        inside("LINE", 7, ("o", "officer")),
    ]
    value = play(events, 1, 4, 5, 6, 7)
    assert value("zone.perimeter_crossings", "LINE") == [0, 0, 1, 1, 0]
    assert value("zone.perimeter_crossings", "GATE") == [0, 0, 0, 0, 0]


def test_a_figure_of_a_moment_on_the_line_is_a_flaw_of_the_picture() -> None:
    events = [*(inside("LINE", s, ("w", "worker")) for s in (2, 3, 4)), *(inside("LINE", s) for s in range(5, 9))]
    assert play(events, 2, 4, 5, 6, 8)("zone.perimeter_crossings", "LINE") == [0] * 5


def test_a_section_whose_sensor_is_down_is_unknown_unless_a_camera_watches_it() -> None:
    events = [
        health(5, "f", "sensor", "down", "FENCE"),
        health(5, "l", "sensor", "down", "LINE"),
        inside("LINE", 5),
        health(9, "f", "sensor", "ok", "FENCE"),
    ]
    value = play(events, 5, 9)
    assert value("zone.perimeter_crossings", "FENCE") == [pytest.approx(np.nan, nan_ok=True), 0]
    assert value("zone.perimeter_crossings", "LINE")[0] == 0


def test_doors_of_an_interlock_are_open_together_and_other_doors_of_the_gate_do_not_count() -> None:
    events = [
        door(1, "door-a", "open"),
        door(2, "door-staff", "open"),
        door(3, "door-b", "forced"),
        door(5, "door-a", "close"),
        door(6, "door-b", "close"),
    ]
    assert play(events, 0, 1, 2, 3, 5, 6)("zone.interlocked_doors_open", "GATE") == [0, 1, 1, 2, 1, 0]


def test_a_door_that_does_not_work_makes_its_gate_unknown() -> None:
    events = [door(1, "door-a", "open"), health(2, "door-a", "sensor", "down"), health(8, "door-a", "sensor", "ok")]
    value = play(events, 1, 2, 8)("zone.interlocked_doors_open", "GATE")
    assert value == [1, pytest.approx(np.nan, nan_ok=True), 1]


@pytest.mark.parametrize(
    ("events", "persons"),
    [
        ([door(10, "x", "passage", badge="b", persons=1)], 0),
        ([door(10, "x", "passage", badge="b", persons=3)], 2),
        ([door(8, "x", "open", badge="b"), door(10, "x", "passage", persons=1)], 0),
        ([door(8, "x", "open", badge="b"), door(10, "x", "passage", badge="b", persons=2)], 1),
        ([door(8, "x", "open", badge="b"), door(9, "x", "open", badge="c"), door(10, "x", "passage", persons=2)], 0),
        ([door(0, "x", "open", badge="b"), door(11, "x", "passage", persons=1)], 1),  # shown too long before
        ([door(8, "y", "open", badge="b"), door(10, "x", "passage", persons=1)], 1),  # shown at another door
        (
            [
                door(8, "x", "open", badge="b"),
                door(9, "x", "passage", persons=1),
                door(10, "x", "passage", persons=1),
            ],
            1,
        ),  # a badge admits one
    ],
)
def test_each_badge_admits_one_person(events: Sequence[Event], persons: int) -> None:
    assert play(events, 11)("zone.unbadged_passages", "GATE") == [persons]


def test_a_passage_without_badge_is_remembered_for_ten_seconds_and_a_dead_counter_knows_nothing() -> None:
    events = [door(10, "x", "passage", persons=2), health(30, "x", "sensor", "down", "GATE")]
    value = play(events, 9, 10, 19, 20, 30)("zone.unbadged_passages", "GATE")
    assert value[:4] == [0, 2, 2, 0]
    assert np.isnan(value[4])


def test_the_plan_says_whom_a_zone_admits() -> None:
    roles = ("officer", "visitor", "unknown")
    events = [inside(zone, 5, *((f"{zone}-{role}", role) for role in roles)) for zone in ("CTL", "GATE")]
    value = play(events, 5, 20)
    assert value("zone.not_admitted", "CTL") == [2, pytest.approx(np.nan, nan_ok=True)]
    assert value("zone.not_admitted", "GATE") == [0, 0]


def test_the_way_to_the_gate_is_measured_from_its_edge_and_is_none_inside() -> None:
    # The gate lies from 60 to 70 m, the vehicle area from 100 to 110 m.
    events = [
        person("d"),
        person("e"),
        person("far"),
        inside("IR", 5, ("far", "detainee")),
        frame(T0 + 5 * S, seen("1", 57.5, 5, "CTL", subject="d", role="detainee"), camera="cam-CTL"),
        frame(T0 + 5 * S, seen("2", 65, 5, "GATE", subject="e", role="detainee"), camera="cam-GATE"),
    ]
    value = play(events, 5, 30)
    assert value("subject.gate_distance", "d") == [pytest.approx(2.5), pytest.approx(np.nan, nan_ok=True)]
    assert value("subject.gate_distance", "e")[0] == 0
    assert value("subject.gate_distance", "far")[0] == np.inf
    assert np.isnan(value("subject.officer_distance", "far")[0])


def test_the_nearest_officer_in_sight_is_an_escort_and_without_one_nobody_is_near() -> None:
    alone = [person("d"), inside("GATE", 5, ("d", "detainee"))]
    assert play(alone, 5)("subject.officer_distance", "d") == [np.inf]
    guarded = [person("d"), inside("GATE", 5, ("d", "detainee"), ("w", "worker"), ("o", "officer"))]
    assert play(guarded, 5)("subject.officer_distance", "d") == [pytest.approx(2.0)]


def test_both_doors_a_stranger_and_a_detainee_at_the_gate_are_found_and_a_restart_changes_nothing() -> None:
    events = [
        door(1, "door-a", "open"),
        door(3, "door-b", "open"),
        door(10, "door-b", "close"),
        *(inside("GATE", s, ("d", "detainee")) for s in range(5, 20)),
        *(inside("CTL", s, ("x", "unknown")) for s in range(5, 20)),
    ]
    records = received([plan(), *in_order(events), end(T0 + 30 * S)])
    out = fold_all(records, cuts=range(1, len(records), 3))
    assert out.alert == fold_all(records).alert
    found = {a["rule"] for a in out.alert if a["rule"].startswith("per")}
    assert found == {"per-02", "per-04", "per-06"}
