"""Writing the registers into the lake, once."""

from __future__ import annotations

from pyiceberg.expressions import EqualTo

from infra.settings import Settings, append_rows, ensure_tables, open_catalog, table_name
from ingestion.contracts import REGISTERS
from ingestion.sources.simulator.registers.tables import registers, source_of
from ingestion.sources.simulator.scenario import Scenario


def write_registers(settings: Settings, scenario: Scenario) -> dict[str, int]:
    """Append a scenario's registers to the lake; a table that already holds the scenario's rows is left alone.

    Returns:
        Rows appended per table.
    """
    catalog = open_catalog(settings)
    ensure_tables(catalog)
    written = {}
    for name, table in registers(scenario).items():
        held = catalog.load_table(table_name(REGISTERS[name])).scan(
            row_filter=EqualTo("source", source_of(scenario)), selected_fields=("source",), limit=1
        )
        new = len(table) if len(held.to_arrow()) == 0 else 0
        if new:
            append_rows(catalog, REGISTERS[name], table)
        written[name] = new
    return written
