"""Cells against the plan and the register: places, and who should be in."""

from __future__ import annotations

import numpy as np

from streaming_jobs.features.domain import Domain, Stateless
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.register import register_of
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import Floats

FEATURES = (
    Feature("zone.is_cell", "bool", "The zone is a cell.", "never"),
    Feature(
        "zone.over_capacity",
        "persons",
        "Detainees seen in the cell beyond its places; negative: free places.",
        "no working camera covers the cell, the plan states no capacity, or the zone is no cell",
    ),
    Feature(
        "zone.head_count_difference",
        "persons",
        "Detainees seen in the cell minus those who should be: the register's, without those who are outside the cells "
        "by camera or wristband.",
        "no working camera covers the cell, the register assigns nobody to a cell, the zone is no cell, or those who "
        "are missing were last seen where no camera works now",
    ),
)


def _difference(sheet: Sheet) -> Floats:
    """Head count minus expectation by zone, NaN where those missing may be hidden, shape (Z,)."""
    plan, cell = sheet.world.plan, sheet.roll.cell
    size = len(plan.zones)
    room, registered = sheet.subject_room, cell >= 0
    away = registered & (room >= 0) & ~plan.is_cell[room]
    last = sheet.subject_column("zone")
    hidden = registered & (room < 0) & (last >= 0) & ~sheet.watched[last] & (plan.top[last] != cell)
    expected = np.bincount(cell[registered & ~away], minlength=size)
    difference = sheet.count("detainee") - expected
    explained = difference + np.bincount(cell[hidden], minlength=size) >= 0
    return np.where((difference < 0) & explained, np.nan, difference)


def compute(state: Stateless, sheet: Sheet) -> None:
    plan = sheet.world.plan
    countable = plan.is_cell & sheet.watched
    sheet.set("zone.is_cell", plan.is_cell)
    sheet.set("zone.over_capacity", np.where(countable, sheet.count("detainee") - plan.capacity, np.nan))
    if register_of(sheet.world).cell:
        sheet.set("zone.head_count_difference", np.where(countable, _difference(sheet), np.nan))


DOMAIN = Domain("capacity", FEATURES, compute)
