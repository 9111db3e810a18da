"""Crowding: people who stand around one spot."""

from __future__ import annotations

from math import isnan
from typing import Any

from ingestion.contracts.platform import Gathering
from tests.support.cells import Watch, cells, there

FIVE = [(f"p-{n}", "C1", 5 + 0.4 * n) for n in range(5)]


def standing(*who: tuple[str, str, float], **more: Any) -> Watch:
    """People who stay where they are for two seconds."""
    return Watch().see(0, there(0, *who, **more)).see(1, there(1, *who, **more))


def test_five_within_two_metres_are_a_crowd_of_five_and_the_bed_counts_with_its_cell() -> None:
    watch = standing(*FIVE[:4], ("p-4", "C1/bed", 5.8))
    assert watch("zone.crowd", "C1") == 5
    assert watch("zone.crowd", "C1/bed") == 0
    assert watch("zone.crowd", "C2") == 0


def test_who_is_further_than_two_metres_from_everybody_is_no_part_of_it() -> None:
    watch = standing(*FIVE[:3], ("p-9", "C1", 9.0))
    assert watch("zone.crowd", "C1") == 3


def test_a_wall_parts_people_and_staff_do_not_count() -> None:
    assert standing(("a", "C1", 9.9), ("b", "C2", 10.1))("zone.crowd", "C1") == 1
    assert standing(*FIVE, role="officer")("zone.crowd", "C1") == 0


def test_people_of_unknown_role_and_without_names_are_counted_too() -> None:
    assert standing(*FIVE, role="unknown", subject=None)("zone.crowd", "C1") == 5


def test_a_group_that_walks_on_is_around_no_spot() -> None:
    watch = Watch()
    for second in range(3):
        watch.see(second, there(second, *((name, "WAY", x + 15 + 1.1 * second) for name, _, x in FIVE)))
    assert watch("zone.crowd", "WAY") == 0


def test_who_comes_into_view_is_counted_once_it_is_known_that_he_stands() -> None:
    watch = Watch().see(0, there(0, *FIVE))
    assert watch("zone.crowd", "C1") == 0
    assert watch.see(1, there(1, *FIVE))("zone.crowd", "C1") == 5


def test_under_a_dark_camera_nobody_knows() -> None:
    watch = Watch().see(0, there(0, *FIVE))
    for second in range(1, 5):
        watch.see(second, there(second, dark=["cam-C1"]))
    assert isnan(watch("zone.crowd", "C1"))
    assert watch("zone.crowd", "C2") == 0


def test_the_programme_and_the_yard_allow_gatherings() -> None:
    watch = Watch(cells(gatherings=[Gathering(begins="11:30", ends="12:01", zones=["C1"])]))
    watch.see(0)  # the scene begins at twelve
    assert watch("zone.gathering_allowed", "C1") == 1
    assert watch("zone.gathering_allowed", "C2") == 0
    assert watch("zone.gathering_allowed", "YARD") == 1
    watch.see(60)
    assert watch("zone.gathering_allowed", "C1") == 0
    night = Watch(cells(gatherings=[Gathering(begins="22:00", ends="12:30")])).see(0)
    assert night("zone.gathering_allowed", "C2") == 1


def test_only_zones_of_their_own_that_the_plan_has_a_camera_for_are_watchable() -> None:
    watch = Watch().see(0)
    assert [watch("zone.watchable", zone) for zone in ("C1", "C1/bed", "VAULT")] == [1, 0, 0]
