"""From the registers to the published table: a facility that takes most of its incidents back is found."""

from __future__ import annotations

from pathlib import Path

import duckdb

from batch_jobs.marts.build import build_marts
from infra.settings import load_settings, open_catalog, table_name
from ingestion.contracts import Incident
from ingestion.sources.simulator import Scenario, write_registers
from quality.gate import publish
from tests.support.lake import fill, learnt


def test_a_facility_that_hides_its_incidents_is_published_as_improbably_low(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    write_registers(settings, Scenario(seed=11, provinces=3, cities_per_province=2, facilities_per_city=2, months=13))
    rows = open_catalog(settings).load_table(table_name(Incident)).scan().to_arrow().to_pylist()
    counts = {
        f: sum(row["facility"] == f and not row["withdrawn"] for row in rows) for f in {r["facility"] for r in rows}
    }
    hiding = max(counts, key=lambda facility: (counts[facility], facility))
    latest = {row["incident"]: row for row in sorted(rows, key=lambda row: row["known_from"])}
    hidden = [row for row in latest.values() if row["facility"] == hiding and not row["withdrawn"]]
    given = {"withdrawn": True, "known_from": learnt("2026-11-20")}
    fill(settings, *(Incident.model_validate(row | given) for row in hidden[: 9 * len(hidden) // 10]))
    build_marts(settings)
    publish(settings)
    with duckdb.connect(str(settings.published_db), read_only=True) as connection:
        asked = (
            "select facility, reported, expected_low, flag from publication.under_reporting where measure = 'incidents'"
        )
        found = {facility: values for facility, *values in connection.execute(asked).fetchall()}
    reported, least, flag = found.pop(hiding)
    assert reported < least
    assert flag in ("low", "improbably_low")
    assert [facility for facility, (_, _, flag) in found.items() if flag == "improbably_low"] == []
