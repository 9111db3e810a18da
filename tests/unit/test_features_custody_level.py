"""People of level red, and who is with them."""

from __future__ import annotations

from math import isnan

from tests.support.cells import Watch, at, detainee, there
from tests.support.scene import band

RED = detainee("p-1", custody_level="red")


def test_people_and_those_of_level_red_are_counted_in_the_cell_with_its_bed() -> None:
    watch = Watch().see(0, [RED, *there(0, ("p-1", "C1/bed", 1), ("p-2", "C1", 5))])
    assert (watch("zone.red_level", "C1"), watch("zone.people", "C1")) == (1, 2)
    assert watch("zone.red_level", "C1/bed") == 0
    assert watch("zone.red_level", "C2") == 0


def test_another_level_or_a_correction_to_it_counts_no_more() -> None:
    watch = Watch().see(0, [RED, *there(0, ("p-1", "C1", 5))])
    watch.see(1, [detainee("p-1", second=1, custody_level="orange"), *there(1, ("p-1", "C1", 5))])
    assert watch("zone.red_level", "C1") == 0


def test_under_a_dark_camera_the_wristband_still_shows_where_but_nobody_knows_who_is_with_the_person() -> None:
    watch = Watch().see(0, [RED, band("p-1", at(0), zone="C1"), *there(0, ("p-1", "C1", 5))])
    for second in range(1, 6):
        watch.see(second, there(second, dark=["cam-C1"]))
    assert watch("zone.red_level", "C1") == 1
    assert isnan(watch("zone.people", "C1"))


def test_who_disappeared_behind_a_dark_camera_makes_that_zone_unknown_and_no_other() -> None:
    watch = Watch().see(0, [RED, *there(0, ("p-1", "C1", 5))])
    for second in range(1, 6):
        watch.see(second, there(second, dark=["cam-C1"]))
    assert isnan(watch("zone.red_level", "C1"))
    assert watch("zone.red_level", "C2") == 0
