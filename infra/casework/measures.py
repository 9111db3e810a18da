"""The register of measures against an epidemic, kept by the command that posts their events."""

from __future__ import annotations

from datetime import UTC, datetime

from pyiceberg.expressions import EqualTo

from infra.casework.books import Desk
from ingestion.contracts import EpidemicMeasure, EpidemicRecord


def enter_measure(desk: Desk, event: EpidemicMeasure) -> bool:
    """Enter what an event says of a facility or a block; False where nothing is to be entered.

    A measure for one person is not in the register, since it tells of that person's health; one that is turned into
    such a measure is taken back, as is one that is lifted before it began.
    """
    known = next(iter(desk.rows(EpidemicRecord, EqualTo("measure", event.measure))), None)
    now, starts, ends = (None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)
                         for ms in (event.event_time, event.starts_at, event.ends_at))  # fmt: skip
    assert now is not None
    if event.action == "impose" and event.subject is None:
        row = desk.row(
            EpidemicRecord, measure=event.measure, facility=event.facility, kind=event.kind, block=event.block,
            starts=starts or now, ends=ends,
        )  # fmt: skip
    elif known is None:
        return False
    else:
        over = known.starts if event.action == "impose" else max(known.starts, ends or now)
        row = desk.changed(known, ends=over if known.ends is None else min(known.ends, over))
    desk.enter(f"measure {event.action}", event.measure, [row])
    return True
