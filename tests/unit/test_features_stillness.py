"""Stillness: no movement by camera and wristband, and no vital signs."""

from __future__ import annotations

from math import isinf, isnan

from tests.support.cells import Watch, at, detainee, there
from tests.support.scene import band


def still(watch: Watch, begin: int, end: int, zone: str = "C1") -> Watch:
    for second in range(begin, end):
        watch.see(second, there(second, ("p-1", zone, 5), motion="inactive"))
    return watch


def test_stillness_counts_from_its_first_second_and_a_small_movement_ends_it() -> None:
    watch = still(Watch(), 0, 11)
    assert watch("subject.still_s", "p-1") == 10
    watch.see(11, there(11, ("p-1", "C1", 5), motion="active"))
    assert watch("subject.still_s", "p-1") == 0
    assert still(watch, 12, 15)("subject.still_s", "p-1") == 2


def test_a_wristband_that_moves_ends_it_too_and_one_that_is_still_carries_it_on() -> None:
    watch = still(Watch(), 0, 11)
    watch.see(11, [*there(11, ("p-1", "C1", 5), motion="inactive"), band("p-1", at(11), motion="moving")])
    assert watch("subject.still_s", "p-1") == 0
    watch.see(12, [band("p-1", at(12), motion="still")])
    for second in range(13, 40):
        watch.see(second, there(second))
    assert watch("subject.still_s", "p-1") == 27


def test_a_minute_without_observation_does_not_count_as_movement_but_more_begins_anew() -> None:
    watch = still(Watch().see(0, [detainee("p-1")]), 0, 11)
    for second in range(11, 60):
        watch.see(second, there(second, dark=["cam-C1"]))
    assert isnan(watch("subject.still_s", "p-1"))
    assert still(watch, 60, 61)("subject.still_s", "p-1") == 60
    for second in range(61, 130):
        watch.see(second, there(second, dark=["cam-C1"]))
    assert still(watch, 130, 132)("subject.still_s", "p-1") == 1


def test_in_bed_a_pulse_is_a_sign_of_life_and_elsewhere_it_does_not_count() -> None:
    watch = still(Watch(), 0, 100, "C1/bed")
    assert watch("subject.still_in_bed_s", "p-1") == 99
    beat = band("p-1", at(100), motion="still", heart_rate=58.0)
    watch.see(100, [*there(100, ("p-1", "C1/bed", 5), motion="inactive"), beat])
    assert watch("subject.still_in_bed_s", "p-1") == 0
    assert still(watch, 101, 106, "C1/bed")("subject.still_in_bed_s", "p-1") == 5
    assert watch("subject.still_s", "p-1") == 105
    assert isinf(still(watch, 106, 107, "C1")("subject.still_in_bed_s", "p-1"))


def test_a_wristband_that_is_not_worn_says_nothing() -> None:
    watch = Watch()
    off = band("p-1", at(0), motion="still", heart_rate=60.0).model_copy(update={"worn": False})
    watch.see(0, [detainee("p-1"), off, *there(0)])
    assert isnan(watch("subject.still_s", "p-1"))
    assert watch.world.entities["band_vital_s"].max() < 0
