"""Separations: non-associations, women and men, minors and adults."""

from __future__ import annotations

from math import inf, isnan
from typing import Any

import pytest

from ingestion.contracts import NonAssociation
from tests.support.cells import Watch, at, cells, detainee, there
from tests.support.scene import FACILITY, band, end, fold_all, in_order, person, received

PAIR = "p-1|p-2"


def order(second: float, action: Any = "impose", name: str = "na-1", ends: float | None = None) -> NonAssociation:
    return NonAssociation(
        facility=FACILITY,
        event_time=at(second),
        device="register",
        order=name,
        subject="p-2",
        other="p-1",
        action=action,
        reason="same_case",
        ends_at=None if ends is None else at(ends),
    )


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        (("p-1", "C1", 1), ("p-2", "C1", 9), 0),
        (("p-1", "C1/bed", 1), ("p-2", "C1", 9), 0),
        (("p-1", "YARD", 41), ("p-2", "YARD", 59), 0),
        (("p-1", "C1", 9.5), ("p-2", "C2", 10.5), inf),
        (("p-1", "WAY", 22), ("p-2", "WAY", 24), 2),
        (("p-1", "C2", 19.5), ("p-2", "WAY", 20.5), 1),
        (("p-1", "WAY", 22), ("p-2", "WAY", 35), inf),
    ],
)
def test_separation_is_zero_in_one_room_the_distance_by_a_corridor_and_infinite_behind_a_wall(
    one: Any, other: Any, metres: float
) -> None:
    watch = Watch().see(0, [order(0), *there(0, one, other)])
    assert watch("pair.separated", PAIR) == 1
    assert watch("pair.separation_m", PAIR) == pytest.approx(metres)


def test_two_in_one_cell_by_wristband_are_in_contact_though_no_camera_sees_them() -> None:
    watch = Watch().see(0, [order(0), band("p-1", at(0), zone="C1"), band("p-2", at(0), zone="C1/wc")])
    assert watch("pair.separation_m", PAIR) == 0


def test_where_one_of_them_is_not_known_the_separation_is_not_known() -> None:
    assert isnan(Watch().see(0, [order(0), *there(0, ("p-1", "C1", 5))])("pair.separation_m", PAIR))


def test_without_an_order_near_people_are_not_separated() -> None:
    watch = Watch().see(0, there(0, ("p-1", "C1", 5), ("p-2", "C1", 6)))
    assert watch("pair.separated", PAIR) == 0
    assert isnan(watch("pair.separation_m", PAIR))


def test_an_order_ends_when_lifted_at_its_end_or_when_one_of_them_leaves() -> None:
    both = (("p-1", "C1", 5), ("p-2", "C1", 6))
    for ending in (order(5, "lift"), person("p-2", at(5), present=False)):
        watch = Watch().see(0, [order(0), *there(0, *both)]).see(5, [ending, *there(5, *both)])
        assert watch("pair.separated", PAIR) == 0
    watch = Watch().see(0, [order(0, ends=5), *there(0, *both)])
    assert watch("pair.separated", PAIR) == 1
    assert watch.see(5, there(5, *both))("pair.separated", PAIR) == 0
    # A correction of the end counts from its own event time on.
    watch = Watch().see(0, [order(0, ends=5)]).see(3, [order(3, ends=50)])
    assert watch.see(6, there(6, *both))("pair.separated", PAIR) == 1


def test_an_order_that_arrives_late_but_within_the_lateness_is_as_good_as_in_order() -> None:
    people = [detainee("p-1"), detainee("p-2")]
    scene = [e for s in range(1, 15) for e in there(s, ("p-1", "C1", 2), ("p-2", "C1", 9), motion="active")]
    ordered = [cells(), *people, *in_order([*scene, order(2)]), end(at(15))]
    late = [cells(), *people, *scene, end(at(15))]
    late.insert(3 + 4 * 3, order(2))  # after the frames of the second after its own
    one, other = (fold_all(received(events)) for events in (ordered, late))
    assert [(a["rule"], a["onset"]) for a in one.alert if a["rule"] == "cel-13"] == [("cel-13", at(2))]
    assert other.alert == one.alert
    assert not other.quarantine


def test_each_separation_that_is_not_kept_in_a_cell_counts_once() -> None:
    facts: list[dict[str, Any]] = [
        {"sex": "male"},
        {"sex": "male", "minor": True},
        {"sex": "female"},
        {"sex": "unknown"},
    ]
    people = [detainee(f"p-{n}", **fact) for n, fact in enumerate(facts)]
    watch = Watch().see(0, [*people, *there(0, ("p-0", "C1", 5), ("p-3", "C1", 6))])
    assert watch("zone.separations_broken", "C1") == 0
    assert watch.see(1, there(1, ("p-0", "C1", 5), ("p-1", "C1/bed", 1)))("zone.separations_broken", "C1") == 1
    watch.see(2, there(2, ("p-0", "C1", 5), ("p-1", "C1/bed", 1), ("p-2", "C1", 7)))
    assert watch("zone.separations_broken", "C1") == 2
    assert isnan(watch("zone.separations_broken", "WAY"))


def test_a_correction_of_the_register_ends_the_mixing_at_once() -> None:
    people = [detainee("p-1", sex="male"), detainee("p-2", sex="male", minor=True)]
    both = (("p-1", "C1", 5), ("p-2", "C1", 6))
    watch = Watch().see(0, [*people, *there(0, *both)])
    assert watch("zone.separations_broken", "C1") == 1
    watch.see(1, [detainee("p-2", second=1, sex="male"), *there(1, *both)])
    assert watch("zone.separations_broken", "C1") == 0


def test_in_a_dark_cell_mixing_is_known_only_where_wristbands_show_it() -> None:
    people = [detainee("p-1", sex="male"), detainee("p-2", sex="female")]
    watch = Watch().see(0, [*people, band("p-1", at(0), zone="C1")])
    for second in range(1, 5):
        watch.see(second, there(second, dark=["cam-C1"]))
    assert isnan(watch("zone.separations_broken", "C1"))
    watch.see(5, [band("p-2", at(5), zone="C1"), *there(5, dark=["cam-C1"])])
    assert watch("zone.separations_broken", "C1") == 1
