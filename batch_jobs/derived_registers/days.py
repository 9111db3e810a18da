"""A facility's day in custody, counted from what the stream judged of each person right after midnight."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from math import isnan
from typing import NamedTuple

from batch_jobs.derived_registers import SOURCE
from ingestion.contracts import CustodyDay

OUTSIDE_MIN = 60.0
"""Nelson Mandela Rules, rule 23: at least an hour a day in the open air."""
FIRST_OVER = 16.0
"""Days running at which solitary confinement goes over 15 days (rule 44)."""


class Judged(NamedTuple):
    """What the features say of a person's day; NaN where it is not known."""

    solitary: float
    solitary_days: float
    outside_min: float


def custody_day(facility: str, day: date, known_from: datetime, people: Iterable[Judged]) -> CustodyDay:
    """The counts of a day over the people whose whole day the platform knew."""
    found = list(people)
    return CustodyDay(
        known_from=known_from,
        source=SOURCE,
        facility=facility,
        day=day,
        persons=len(found),
        solitary=sum(one.solitary == 1 for one in found),
        solitary_unknown=sum(isnan(one.solitary) for one in found),
        prolonged=sum(one.solitary == 1 and one.solitary_days == FIRST_OVER for one in found),
        outside_short=sum(one.outside_min < OUTSIDE_MIN for one in found),
        outside_unknown=sum(isnan(one.outside_min) for one in found),
    )
