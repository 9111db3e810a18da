"""Vehicles, goods, tools and keys: what is booked, inspected and counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from ingestion.contracts import Event
from tests.support.rooms import S, goods, plan, play, shift
from tests.support.scene import T0, end, fold_all, in_order, received

UNBOOKED = 86_400


def overstay(events: Sequence[Event], *seconds: int) -> list[float]:
    return play(events, *seconds)("zone.vehicle_overstay_s", "VEH")


def test_a_vehicle_is_over_its_time_from_its_booked_end_until_it_leaves() -> None:
    events = [
        goods(1, "v", "vehicle", "book", booking="k", ends_at=100),
        goods(10, "v", "vehicle", "enter", zone="VEH", booking="k"),
        goods(300, "v", "vehicle", "leave", booking="k"),
    ]
    assert overstay(events, 50, 100, 160, 300) == [0, 0, 60, 0]


def test_a_vehicle_without_a_booking_counts_as_a_day_over_until_one_is_entered() -> None:
    events = [goods(10, "v", "vehicle", "enter"), goods(60, "v", "vehicle", "book", ends_at=500)]
    assert overstay(events, 10, 59, 60, 510) == [UNBOOKED, UNBOOKED, 0, 10]


def test_the_latest_booking_corrects_what_the_gate_read() -> None:
    events = [
        goods(10, "v", "vehicle", "enter", booking="k", ends_at=100),
        goods(150, "v", "vehicle", "book", booking="k", ends_at=200),
    ]
    assert overstay(events, 149, 150, 230) == [49, 0, 30]


def test_a_booking_that_nobody_posted_is_unknown_but_does_not_hide_another_vehicle() -> None:
    named = goods(10, "v", "vehicle", "enter", booking="k")
    assert np.isnan(overstay([named], 20)[0])
    assert overstay([named, goods(11, "w", "vehicle", "enter")], 20) == [UNBOOKED]


def waiting(events: Sequence[Event], *seconds: int) -> list[float]:
    return play(events, *seconds)("zone.goods_uninspected_s", "VEH")


@pytest.mark.parametrize("kind", ["delivery", "shopping"])
def test_goods_wait_from_their_entry_to_their_inspection(kind: Any) -> None:
    events = [goods(10, "g", kind, "enter", zone="VEH"), goods(50, "g", kind, "inspect")]
    assert waiting(events, 10, 49, 50) == [0, 39, 0]


def test_goods_inspected_before_they_enter_do_not_wait_and_the_longest_wait_counts() -> None:
    before = [goods(5, "g", "delivery", "inspect"), goods(10, "g", "delivery", "enter")]
    assert waiting(before, 100) == [0]
    two = [goods(10, "g", "delivery", "enter"), goods(60, "h", "delivery", "enter")]
    assert waiting(two, 100) == [90]


def missing(events: Sequence[Event], *seconds: int) -> list[float]:
    return play(events, *seconds)("facility.pieces_missing", "")


def test_a_piece_is_missing_when_fewer_come_back_until_a_later_count_finds_it() -> None:
    events = [
        goods(10, "t", "tool", "count_out", count=8),
        goods(100, "t", "tool", "count_in", count=7),
        goods(200, "t", "tool", "count_in", count=8),
    ]
    assert missing(events, 50, 100, 199, 200) == [0, 1, 1, 0]
    assert missing([goods(1, "k", "key", "count_out", count=2), goods(2, "k", "key", "count_in", count=3)], 2) == [1]


def test_a_missing_piece_stays_missing_when_the_rest_are_taken_out_again() -> None:
    lost = [goods(10, "t", "tool", "count_out", count=8), goods(100, "t", "tool", "count_in", count=7)]
    rest = [goods(200, "t", "tool", "count_out", count=7), goods(300, "t", "tool", "count_in", count=7)]
    assert missing([*lost, *rest], 250, 300) == [1, 1]
    assert missing([*lost, *rest, goods(400, "t", "tool", "count_in", count=8)], 400) == [0]
    found = [goods(200, "t", "tool", "count_out", count=8), goods(300, "t", "tool", "count_in", count=8)]
    assert missing([*lost, *found], 250, 300) == [0, 0]


def test_what_is_still_out_15_minutes_after_the_shift_is_missing_and_a_corrected_roster_moves_that() -> None:
    out = [shift(0, "a", -3600, 600), shift(0, "b", -3600, 600), goods(10, "t", "tool", "count_out", count=8)]
    assert missing(out, 1500, 1501) == [0, 8]
    longer = [shift(700, "a", -3600, 4000), shift(700, "b", -3600, 4000)]
    assert missing([*out, *longer], 1501, 4901) == [0, 8]
    assert missing([*out, shift(700, "a", -3600, 600, "cancel")], 1501) == [8]


def test_without_a_roster_pieces_are_due_after_eight_hours() -> None:
    assert missing([goods(0, "t", "tool", "count_out", count=8)], 8 * 3600, 8 * 3600 + 1) == [0, 8]


def test_a_count_without_its_number_is_unknown() -> None:
    events = [goods(10, "t", "tool", "count_out", count=8), goods(100, "t", "tool", "count_in")]
    assert missing(events, 50, 100) == [0, pytest.approx(np.nan, nan_ok=True)]


def test_goods_vehicles_and_tools_raise_their_rules_and_a_restart_changes_nothing() -> None:
    events = [
        goods(1, "v", "vehicle", "enter"),
        goods(2, "g", "delivery", "enter"),
        goods(3, "t", "tool", "count_out", count=8),
        goods(50, "t", "tool", "count_in", count=7),
    ]
    records = received([plan(), *in_order(events), end(T0 + 700 * S)])
    out = fold_all(records, cuts=range(1, len(records)))
    assert {a["rule"] for a in out.alert if a["rule"].startswith("per") and a["verdict"] == "violation"} == {
        "per-05",
        "per-07",
        "per-08",
    }
    assert out.alert == fold_all(records).alert
