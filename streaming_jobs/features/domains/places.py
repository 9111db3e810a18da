"""Where in the cell a person is: bed, toilet, out of bed."""

from __future__ import annotations

import numpy as np

from streaming_jobs.features.domain import Domain, Stateless
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet

UNKNOWN = "neither seen in the last seconds nor the wristband heard in a zone in the last minute"
FEATURES = (
    Feature("subject.in_toilet", "bool", "The person is in a toilet, by camera or wristband.", UNKNOWN),
    Feature(
        "subject.out_of_bed",
        "bool",
        "The person is in a cell and not in a bed zone; 0 outside the cells.",
        UNKNOWN,
    ),
)


def compute(state: Stateless, sheet: Sheet) -> None:
    plan, zone, room = sheet.world.plan, sheet.subject_zone, sheet.subject_room
    known = zone >= 0
    sheet.set("subject.in_toilet", np.where(known, plan.is_toilet[zone], np.nan))
    sheet.set("subject.out_of_bed", np.where(known, plan.is_cell[room] & ~plan.is_bed[zone], np.nan))


DOMAIN = Domain("places", FEATURES, compute)
