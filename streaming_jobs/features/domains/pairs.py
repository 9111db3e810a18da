"""What two people near each other do: distance, movement, block, escort."""

from __future__ import annotations

import numpy as np

from streaming_jobs.features.domain import Domain, Stateless
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import MOTIONS, ROLES

FEATURES = (
    Feature(
        "pair.distance", "m", "Smallest distance of the two in the second; infinite beyond 3 m.", "one is out of sight"
    ),
    Feature("pair.abrupt", "persons", "How many of the two move abruptly.", "movement of both unknown"),
    Feature("pair.inactive", "persons", "How many of the two are inactive.", "movement of both unknown"),
    Feature("pair.detainees", "persons", "How many of the two are detainees.", "a role unknown"),
    Feature("pair.same_block", "bool", "Both belong to the same block.", "a block unknown"),
    Feature("pair.escorted", "bool", "An officer is in the zone of one of them.", "no working camera covers the zone"),
)


def compute(state: Stateless, sheet: Sheet) -> None:
    entities = sheet.world.entities
    grid, met = sheet.grids["pair"], sheet.meetings
    count, rows = len(grid.keys), grid.rows
    if not count:
        return
    known = (rows >= 0).all(axis=1)

    nearest = np.full(count, np.inf)
    np.minimum.at(nearest, met.pair, met.distance)
    here = known & (sheet.of_entities(entities["seen_s"], rows, -1) == sheet.second).all(axis=1)
    sheet.set("pair.distance", np.where(here, nearest, np.nan))

    motion_a, motion_b = sheet.seen.motion[met.a], sheet.seen.motion[met.b]
    moving = (motion_a != MOTIONS["unknown"]) | (motion_b != MOTIONS["unknown"])
    abrupt = (motion_a == MOTIONS["abrupt"]).astype(float) + (motion_b == MOTIONS["abrupt"])
    inactive = (motion_a == MOTIONS["inactive"]).astype(float) + (motion_b == MOTIONS["inactive"])
    most, least = np.full(count, -np.inf), np.full(count, np.inf)
    np.maximum.at(most, met.pair[moving], abrupt[moving])
    np.minimum.at(least, met.pair[moving], inactive[moving])
    sheet.set("pair.abrupt", np.where(np.isinf(most), np.nan, most))
    sheet.set("pair.inactive", np.where(np.isinf(least), np.nan, least))

    role = sheet.of_entities(entities["role"], rows, ROLES["unknown"])
    detainees = (role == ROLES["detainee"]).sum(axis=1)
    sheet.set("pair.detainees", np.where((role == ROLES["unknown"]).any(axis=1), np.nan, detainees))

    block_of = np.full(len(entities), -1, dtype=np.int64)
    subjects = sheet.grids["subject"].rows
    block_of[subjects[subjects >= 0]] = sheet.roll.block[subjects >= 0]
    block = sheet.of_entities(block_of, rows, -1)
    same = block[:, 0] == block[:, 1]
    sheet.set("pair.same_block", np.where((block < 0).any(axis=1), np.nan, same))

    zone = sheet.of_entities(entities["zone"], rows, -1)
    placed = (zone >= 0).all(axis=1)
    escorted = (sheet.count("officer")[zone] > 0).any(axis=1)
    watched = placed & sheet.watched[zone].any(axis=1)
    sheet.set("pair.escorted", np.where(watched, escorted, np.nan))


DOMAIN = Domain("pairs", FEATURES, compute)
