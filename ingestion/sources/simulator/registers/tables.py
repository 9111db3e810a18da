"""All register tables of a scenario as Arrow."""

from __future__ import annotations

import pyarrow as pa

from ingestion.contracts import REGISTERS, content_id
from ingestion.contracts.schemas import arrow_schema
from ingestion.sources.simulator.registers.book import Book
from ingestion.sources.simulator.registers.casework import enter_casework
from ingestion.sources.simulator.registers.country import enter_country, profile
from ingestion.sources.simulator.registers.custody import enter_custody
from ingestion.sources.simulator.registers.duties import enter_duties
from ingestion.sources.simulator.registers.inspection import enter_inspections
from ingestion.sources.simulator.registers.rights import enter_rights
from ingestion.sources.simulator.scenario import Scenario


def source_of(scenario: Scenario) -> str:
    """The ``source`` of a scenario's rows: equal for scenarios whose registers are equal."""
    s = scenario
    sizes = (s.provinces, s.cities_per_province, s.facilities_per_city, s.live_facilities, s.detainees)
    return f"simulator-{content_id(s.seed, sizes, s.months, s.start_ms)[:12]}"


def registers(scenario: Scenario) -> dict[str, pa.Table]:
    """Every table of ``ingestion.contracts.REGISTERS``, rows in the order in which they were known."""
    book = Book(source_of(scenario), scenario.known_at)
    profiles = [profile(scenario, place) for place in scenario.places]
    enter_country(book, scenario, profiles)
    for found in profiles:
        enter_custody(book, scenario, found)
        enter_inspections(book, scenario, found)
        enter_duties(book, scenario, found)
        enter_rights(book, scenario, found)
    enter_casework(book, scenario)
    tables = {}
    for name, model in REGISTERS.items():
        rows = sorted(book.rows.get(name, []), key=lambda row: row["known_from"])
        tables[name] = pa.Table.from_pylist(rows, schema=arrow_schema(model))
    return tables
