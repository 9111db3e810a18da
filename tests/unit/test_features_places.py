"""Where in the cell a person is, and what the posture shows."""

from __future__ import annotations

from math import isnan

from tests.support.cells import Watch, at, detainee, there
from tests.support.scene import band


def test_camera_or_wristband_show_who_is_in_the_toilet() -> None:
    watch = Watch().see(
        0, [detainee("p-1"), detainee("p-2"), *there(0, ("p-1", "C1/wc", 3)), band("p-2", at(0), zone="C1/wc")]
    )
    assert watch("subject.in_toilet", "p-1") == 1
    assert watch("subject.in_toilet", "p-2") == 1


def test_a_wristband_that_was_silent_for_a_minute_places_nobody() -> None:
    watch = Watch().see(0, [detainee("p-2"), band("p-2", at(0), zone="C1/wc")])
    assert watch.see(60)("subject.in_toilet", "p-2") == 1
    assert isnan(watch.see(61)("subject.in_toilet", "p-2"))


def test_out_of_bed_is_in_a_cell_but_not_in_a_bed() -> None:
    watch = Watch().see(0, there(0, ("a", "C1/bed", 1), ("b", "C1", 5), ("c", "C1/wc", 3), ("d", "YARD", 45)))
    assert [watch("subject.out_of_bed", name) for name in "abcd"] == [0, 1, 1, 0]


def test_a_plan_that_comes_later_keeps_where_a_wristband_was_heard() -> None:
    watch = Watch().see(0, [detainee("p-2"), band("p-2", at(0), zone="C1/wc")])
    plan = watch.world.plan.event
    moved = plan.model_copy(update={"zones": list(reversed(plan.zones)), "event_time": at(1)})
    assert watch.see(1, [moved])("subject.in_toilet", "p-2") == 1


def test_covered_is_lying_with_the_head_under_the_cover_and_climbing_is_neither() -> None:
    watch = Watch().see(0, there(0, ("a", "C1/bed", 1), posture="covered"))
    assert (watch("subject.covered", "a"), watch("subject.lying", "a"), watch("subject.climbing", "a")) == (1, 1, 0)
    watch.see(1, there(1, ("a", "C1", 5), posture="climbing"))
    assert (watch("subject.covered", "a"), watch("subject.lying", "a"), watch("subject.climbing", "a")) == (0, 0, 1)
    watch.see(2, there(2, ("a", "C1", 5), posture="unknown"))
    assert isnan(watch("subject.climbing", "a"))


def test_a_track_without_a_name_is_followed_only_while_it_is_seen() -> None:
    watch = Watch().see(0, [detainee("p-1"), *there(0, ("t", "C1", 5), subject=None)])
    assert watch("subject.followed", "cam-C1/k-t") == 1
    watch.sheet = watch.see(3, there(3)).sheet
    assert watch("subject.followed", "p-1") == 1
    assert "cam-C1/k-t" not in watch.sheet.subjects or watch("subject.followed", "cam-C1/k-t") == 0
