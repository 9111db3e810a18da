"""Crowds: how many people stand around one spot of a zone, and whether the programme explains it."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from streaming_jobs.features.domain import Domain, Stateless
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import ROLES, Floats

SPOT_M = 2.0  # m around one of them
WALKING_MPS = 0.5  # m/s; a faster group is on its way, not around one spot
_STAFF = np.isin(list(ROLES), ("officer", "medical", "worker"))  # by role code
_APART = 1e6  # m between zones in the tree, so that a wall parts people

FEATURES = (
    Feature(
        "zone.crowd",
        "persons",
        "Most people who stand around one of them: within 2 m and in the same zone; those who walk on (more than "
        "0.5 m/s), who came into view in this second, and staff aside. 0 for a place within a zone.",
        "no working camera covers the zone",
    ),
    Feature(
        "zone.gathering_allowed",
        "bool",
        "People come together here: a yard or muster area, or a gathering of the day's programme now.",
        "never",
    ),
    Feature(
        "zone.watchable",
        "bool",
        "The plan has a camera for the zone, and the zone does not lie within another.",
        "never",
    ),
)


def _crowd(sheet: Sheet) -> Floats:
    """Largest group around one person by zone, places within a zone counted with it, shape (Z,)."""
    plan, entities = sheet.world.plan, sheet.world.entities
    crowd = np.zeros(len(plan.zones))
    standing = entities["speed"] <= WALKING_MPS  # not known, so false, in the first second of a track
    rows = np.flatnonzero(sheet.in_sight & standing & ~_STAFF[entities["role"]])
    if not len(rows):
        return crowd
    room = plan.top[entities["zone"][rows]]
    points = np.stack([entities["x"][rows], entities["y"][rows], room * _APART], axis=1)
    pairs = cKDTree(points).query_pairs(SPOT_M, output_type="ndarray")
    np.maximum.at(crowd, room, 1.0 + np.bincount(pairs.ravel(), minlength=len(rows)))
    return crowd


def compute(state: Stateless, sheet: Sheet) -> None:
    plan = sheet.world.plan
    sheet.set("zone.crowd", np.where(sheet.watched, _crowd(sheet), np.nan))
    minute, _ = plan.local(sheet.second)
    allowed = plan.is_open_air
    for begins, ends, zones in plan.gatherings:
        if begins <= minute < ends if begins < ends else (minute >= begins or minute < ends):
            allowed = allowed | zones
    sheet.set("zone.gathering_allowed", allowed)
    sheet.set("zone.watchable", plan.covers.any(axis=1) & (plan.parent < 0))


DOMAIN = Domain("crowding", FEATURES, compute)
