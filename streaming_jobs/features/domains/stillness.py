"""How long people show no movement, by camera and by the wristband's accelerometer, and no vital signs."""

from __future__ import annotations

from typing import Any

import numpy as np

from streaming_jobs.features.domain import Domain, Stateless
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.perceive import STALE_S
from streaming_jobs.features.sheet import BAND_SILENT_S, Sheet
from streaming_jobs.features.world import MOTIONS, NEVER_MS, World

GAP_S = 60  # who was not observed for longer begins anew: nobody knows whether the person moved meanwhile
_MOVES = np.isin(list(MOTIONS), ("active", "walking", "running", "abrupt"))  # by motion code

FEATURES = (
    Feature(
        "subject.still_s",
        "s",
        "Time in which neither camera nor wristband showed a movement; 0 while the person moves.",
        "the movement is seen by no camera and the wristband is silent",
    ),
    Feature(
        "subject.still_in_bed_s",
        "s",
        "In bed: time with neither movement nor vital signs of the wristband. Infinite elsewhere, where vital signs "
        "do not explain that somebody keeps still.",
        "as still_s, or nobody knows where the person is",
    ),
)


def _reading(state: Stateless, world: World, second: int, event: Any) -> None:
    if not event.worn:
        return  # what lies in a drawer says nothing about a person
    row, columns = world.entities.row(event.subject), world.entities.columns
    if event.motion == "still":
        columns["band_still_s"][row] = second
    elif event.motion != "unknown":
        columns["band_moved_s"][row] = second
    if event.heart_rate:
        columns["band_vital_s"][row] = second


def compute(state: Stateless, sheet: Sheet) -> None:
    entities, second, seen = sheet.world.entities, sheet.second, sheet.seen
    moving = entities["band_moved_s"] == second
    moving[seen.row[_MOVES[seen.motion]]] = True
    at_rest = second - entities["band_still_s"] <= BAND_SILENT_S
    at_rest[seen.row[seen.motion == MOTIONS["inactive"]]] = True
    at_rest &= ~moving

    since, last = entities["still_since_s"], entities["still_last_s"]
    since[moving] = last[moving] = NEVER_MS
    since[at_rest & (second - last > GAP_S)] = second
    last[at_rest] = second
    for_s = np.where(second - last < STALE_S, (second - since).astype(np.float64), np.nan)
    lifeless = np.minimum(for_s, second - entities["band_vital_s"])

    rows = sheet.grids["subject"].rows
    still = sheet.of_entities(np.where(moving, 0.0, for_s), rows, np.nan)
    sheet.set("subject.still_s", still)
    zone = sheet.subject_zone
    in_bed = np.where(sheet.world.plan.is_bed[zone], sheet.of_entities(lifeless, rows, np.nan), np.inf)
    sheet.set("subject.still_in_bed_s", np.where(np.isnan(still) | (zone < 0), np.nan, in_bed))


DOMAIN = Domain("stillness", FEATURES, compute, handles={"WristbandReading": _reading})
