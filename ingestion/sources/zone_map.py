"""Where on the site plan an image point lies: pixels to floor metres to zones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from infra.settings import UserError
from ingestion.contracts import SitePlan
from ingestion.contracts.platform import Camera, Zone

NEAR_M = 0.5
"""A foot point at most this far outside every zone still belongs to the nearest one: the outlines
of a plan and the boxes of a detector are not more exact than that."""

Floats = npt.NDArray[np.float64]


def plain_scale(metres_per_pixel: float) -> list[float]:
    """Homography of a camera whose pixels are all of the same size on the floor."""
    return [metres_per_pixel, 0.0, 0.0, 0.0, metres_per_pixel, 0.0, 0.0, 0.0, 1.0]


def open_scene(width: int, height: int, homography: Sequence[float]) -> list[tuple[float, float]]:
    """Polygon (m) of the floor that a whole image of this size (px) shows."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    return [(round(float(x), 3), round(float(y), 3)) for x, y in to_floor(np.array(homography).reshape(3, 3), corners)]


def to_floor(homography: Floats, points: Floats) -> Floats:
    """Floor positions (N, 2) in m of image points (N, 2) in px; NaN for points on the horizon."""
    mapped = np.column_stack([points, np.ones(len(points))]) @ homography.T
    with np.errstate(divide="ignore", invalid="ignore"):
        floor: Floats = mapped[:, :2] / mapped[:, 2:]
    return np.where(np.isfinite(floor), floor, np.nan)


class ZoneMap:
    """The zones that one camera of a plan watches.

    Raises:
        UserError: the plan has no such camera, or a zone that the camera watches is not in it.
    """

    def __init__(self, plan: SitePlan, camera: str) -> None:
        found = [c for c in plan.cameras if c.id == camera]
        if not found:
            known = ", ".join(c.id for c in plan.cameras) or "none"
            raise UserError(
                f"the plan has no camera {camera!r}", where=f"site plan of {plan.facility}", do=f"its cameras: {known}"
            )
        self.camera: Camera = found[0]
        by_id = {zone.id: zone for zone in plan.zones}
        missing = [name for name in self.camera.zones if name not in by_id]
        if missing:
            raise UserError(
                f"camera {camera!r} watches zones that the plan does not have: {', '.join(missing)}",
                where=f"site plan of {plan.facility}",
                do="add the zones, or take them off the camera",
            )
        zones: list[Zone] = [by_id[name] for name in self.camera.zones]
        # A bed lies in a cell: the smallest zone that holds a point is the one meant.
        zones.sort(key=lambda zone: shapely.Polygon(zone.polygon).area)
        self.names = np.array([zone.id for zone in zones], dtype=object)
        self._shapes = [shapely.Polygon(zone.polygon) for zone in zones]
        for shape in self._shapes:
            shapely.prepare(shape)
        self.homography: Floats = np.array(self.camera.homography, dtype=np.float64).reshape(3, 3)

    def floor(self, points: Floats) -> Floats:
        """Floor positions (N, 2) in m of image points (N, 2) in px."""
        return to_floor(self.homography, points)

    def zones(self, points: Floats) -> npt.NDArray[np.object_]:
        """Zone id of each image point (N, 2) in px, shape (N,); None where it lies outside all of them."""
        floor = self.floor(points)
        known = np.isfinite(floor).all(axis=1)
        x, y = np.where(known, floor[:, 0], 0.0), np.where(known, floor[:, 1], 0.0)
        result = np.full(len(points), None, dtype=object)
        open_ = known.copy()
        for name, shape in zip(self.names, self._shapes, strict=True):
            if not open_.any():
                break
            inside = open_ & shapely.intersects_xy(shape, x, y)
            result[inside] = name
            open_ &= ~inside
        if open_.any():
            left = np.flatnonzero(open_)
            spots = shapely.points(x[left], y[left])
            distance = np.stack([shapely.distance(shape, spots) for shape in self._shapes])
            nearest = distance.argmin(axis=0)
            near = distance[nearest, np.arange(len(left))] <= NEAR_M
            result[left[near]] = self.names[nearest[near]]
        return result
