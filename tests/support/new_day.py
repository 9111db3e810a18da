"""What a day adds to registers: in every facility releases, admissions and a head count, here and there an incident."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pyarrow as pa
import pyarrow.compute as pc

from infra.settings import Settings, append_rows, open_catalog, table_name
from ingestion.contracts import Incident, PopulationCount, Stay
from ingestion.contracts.schemas import arrow_schema

MOVES = 5
"""Releases, and as many admissions, of a facility and day."""


def add_day(settings: Settings, day: date) -> int:
    """Append the registers' rows of one more day, learnt in its evening; returns how many rows.

    In each facility the persons longest inside are released and as many new ones admitted.
    """
    catalog = open_catalog(settings)
    known = datetime.combine(day, time(22), UTC)
    columns = ("stay", "facility", "subject", "admitted", "released", "sex", "age_band", "known_from")
    held = catalog.load_table(table_name(Stay)).scan(selected_fields=columns).to_arrow().sort_by("known_from")
    ended = pc.unique(held.filter(pc.is_valid(held["released"]))["stay"])
    inside = held.filter(pc.and_(pc.is_null(held["released"]), pc.invert(pc.is_in(held["stay"], ended))))
    rows: dict[str, list[dict[str, object]]] = {}
    for row in inside.sort_by("admitted").to_pylist():
        rows.setdefault(row["facility"], []).append(row)
    given = {"known_from": known, "source": "new-day"}
    stays: list[dict[str, object]] = []
    for facility, persons in sorted(rows.items()):
        for number, person in enumerate(persons[:MOVES]):
            stays.append(person | given | {"released": day, "release_kind": "released"})
            code = f"{day:%Y%m%d}-{facility}-{number}"
            news = {"stay": f"s-{code}", "subject": f"p-{code}", "admitted": day, "released": None}
            stays.append(person | given | news | {"release_kind": "open"})
    counts = [
        {"place": facility, "place_kind": "facility", "day": day, "population_group": "prisoners"}
        | given
        | {"population": len(persons)}
        for facility, persons in sorted(rows.items())
    ]
    incidents = [
        Incident(
            incident=f"i-{day:%Y%m%d}-{facility}", facility=facility, happened=datetime.combine(day, time(9), UTC),
            family="violence", incident_type="fight", severity="serious", detainees_involved=2, staff_involved=0,
            known_from=known, source="new-day",
        )
        for facility in sorted(rows)[::20]
    ]  # fmt: skip
    append_rows(catalog, Stay, pa.Table.from_pylist(stays, schema=arrow_schema(Stay)))
    append_rows(catalog, PopulationCount, pa.Table.from_pylist(counts, schema=arrow_schema(PopulationCount)))
    append_rows(catalog, Incident, incidents)
    return len(stays) + len(counts) + len(incidents)
