"""An image point lies in a zone by way of the floor."""

from __future__ import annotations

import numpy as np
import pytest

from infra.settings import UserError
from ingestion.contracts import SitePlan
from ingestion.contracts.platform import Camera, Zone
from ingestion.sources.replay import place, scene_plan
from ingestion.sources.zone_map import ZoneMap, open_scene, plain_scale

CELL = [(0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0)]
BED = [(0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (0.0, 1.0)]
YARD = [(10.0, 0.0), (20.0, 0.0), (20.0, 10.0)]


def plan(**camera: object) -> SitePlan:
    made = {"id": "cam", "zones": ["cell", "bed"], "width": 400, "height": 300, "homography": plain_scale(0.01)}
    return SitePlan(
        facility="990101",
        event_time=1_700_000_000_000,
        device="plan",
        zones=[
            Zone(id="cell", kind="cell", polygon=CELL),
            Zone(id="bed", kind="bed", parent="cell", polygon=BED),
            Zone(id="yard", kind="yard", polygon=YARD),
        ],
        cameras=[Camera(**(made | camera))],  # type: ignore[arg-type]
    )


def test_the_smallest_zone_that_holds_a_point_is_meant_and_borders_belong_to_it() -> None:
    points = np.array([[50.0, 50], [300, 200], [200, 100], [400, 300]])
    assert ZoneMap(plan(), "cam").zones(points).tolist() == ["bed", "cell", "bed", "cell"]


def test_a_point_just_outside_belongs_to_the_nearest_zone_and_one_far_off_to_none() -> None:
    points = np.array([[430.0, 100], [460, 100], [-20, 250], [np.nan, 0]])
    assert ZoneMap(plan(), "cam").zones(points).tolist() == ["cell", None, "cell", None]


def test_a_zone_that_the_camera_does_not_watch_is_never_given() -> None:
    assert ZoneMap(plan(), "cam").zones(np.array([[1900.0, 100]])).tolist() == [None]


def test_a_camera_in_perspective_is_followed_to_the_floor() -> None:
    # Farther rows of the picture are farther off: y = 300 px lies at 3 m, the horizon at -300 px.
    perspective = [0.01, 0.0, 0.0, 0.0, 0.02, 0.0, 0.0, 1 / 300, 1.0]
    zones = ZoneMap(plan(homography=perspective), "cam")
    floor = zones.floor(np.array([[100.0, 300.0], [100, 0], [100, -300]]))
    assert floor[:2].tolist() == [[0.5, 3.0], [1.0, 0.0]]
    assert np.isnan(floor[2]).all()


def test_a_camera_or_zone_that_the_plan_lacks_is_the_users_fault() -> None:
    with pytest.raises(UserError, match="no camera 'door'") as fault:
        ZoneMap(plan(), "door")
    assert "cam" in fault.value.do
    with pytest.raises(UserError, match="does not have: roof"):
        ZoneMap(plan(zones=["cell", "roof"]), "cam")


def test_a_picture_without_a_plan_is_one_open_zone_that_holds_all_of_it() -> None:
    made = scene_plan(place("990101", "cam", "2024-01-01"), width=640, height=480, homography=0.01)
    assert [z.kind for z in made.zones] == ["open"]
    assert made.zones[0].polygon == open_scene(640, 480, plain_scale(0.01)) == [(0, 0), (6.4, 0), (6.4, 4.8), (0, 4.8)]
    points = np.random.default_rng(1).uniform(0, 1, (100, 2)) * (640, 480)
    assert set(ZoneMap(made, "cam").zones(points).tolist()) == {"scene"}
