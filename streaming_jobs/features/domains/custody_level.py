"""People of the highest confirmed level, and whether somebody is with them.

The level is the one that a named officer confirmed and the register posts. The live score of
``streaming_jobs.risk`` is advice, changes by the hour and follows from alerts; a rule on top of it
could not be explained by facts alone.
"""

from __future__ import annotations

import numpy as np

from streaming_jobs.features.domain import Domain, Stateless
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet

FEATURES = (
    Feature("zone.people", "persons", "People of any role seen in the zone.", "no working camera covers it"),
    Feature(
        "zone.red_level",
        "persons",
        "Detainees of level red in the zone, by camera or wristband; 0 for a place within a zone.",
        "one of them is out of sight and was last seen in the zone, which no working camera covers",
    ),
)


def compute(state: Stateless, sheet: Sheet) -> None:
    plan = sheet.world.plan
    sheet.set("zone.people", np.where(sheet.watched, sheet.people, np.nan))
    number = np.zeros(len(plan.zones))
    red = sheet.roll.red
    if red.any():
        room, last = sheet.subject_room, sheet.subject_column("zone")
        number += np.bincount(room[red & (room >= 0)], minlength=len(plan.zones))
        lost = plan.top[last[red & (room < 0) & (last >= 0)]]
        number[lost[~sheet.watched[lost]]] = np.nan
    sheet.set("zone.red_level", number)


DOMAIN = Domain("custody_level", FEATURES, compute)
