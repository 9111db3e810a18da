"""Women's blocks: male staff in them, and female staff with them."""

from __future__ import annotations

import numpy as np

from streaming_jobs.features.domain import Domain, Stateless
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.layout import layout_of
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import ROLES

STAFF = np.array([name in ("officer", "medical", "worker") for name in ROLES])  # by role code

FEATURES = (
    Feature(
        "zone.men_in_womens_block",
        "persons",
        "Male staff seen in a zone of a women's block; 0 in other zones.",
        "no working camera covers it, or only staff of unknown sex is there",
    ),
    Feature(
        "zone.female_staff_in_block",
        "persons",
        "Female staff seen in the women's block that the zone belongs to; 0 in other zones.",
        "none is seen, and a zone of the block is unwatched or staff of unknown sex is in it",
    ),
)


def compute(state: Stateless, sheet: Sheet) -> None:
    world, layout, entities = sheet.world, layout_of(sheet.world.plan), sheet.world.entities
    if not layout.womens.any():
        sheet.set("zone.men_in_womens_block", 0.0)
        sheet.set("zone.female_staff_in_block", 0.0)
        return
    zone = entities["zone"]
    there = sheet.in_sight & STAFF[entities["role"]] & layout.womens[zone]
    sex = {"male": np.zeros_like(there), "female": np.zeros_like(there), "unknown": np.zeros_like(there)}
    for row in np.flatnonzero(there):
        person = world.persons.get(entities.keys[row])
        sex["unknown" if person is None else person.facts.get("sex", "unknown")][row] = True
    men, unknown = sheet.count_where(sex["male"]), sheet.count_where(sex["unknown"])
    hidden = layout.womens & (~sheet.watched | ((men == 0) & (unknown > 0)))
    sheet.set("zone.men_in_womens_block", np.where(hidden, np.nan, men))

    blocks = int(layout.block.max()) + 1
    # Places of a women's block that has no name stand together under the last number.
    number = np.where(layout.block < 0, blocks, layout.block)
    of_block = np.bincount(number[zone[sex["female"]]], minlength=blocks + 1).astype(np.float64)
    unwatched = np.bincount(number[layout.womens & ~sheet.watched], minlength=blocks + 1)
    strangers = np.bincount(number, weights=unknown * layout.womens, minlength=blocks + 1)
    seen = np.where((of_block == 0) & ((unwatched > 0) | (strangers > 0)), np.nan, of_block)
    sheet.set("zone.female_staff_in_block", np.where(layout.womens, seen[number], 0.0))


DOMAIN = Domain("women_block", FEATURES, compute)
