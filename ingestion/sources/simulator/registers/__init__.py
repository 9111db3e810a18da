"""The registers behind the live events: years of stays, deaths, incidents and inspections over the tiers.

Rows are bitemporal as the contracts ask: what was known first is a row, a correction is another one
with a later ``known_from``; nothing is known after the scenario's start.
"""

from ingestion.sources.simulator.registers.tables import registers, source_of
from ingestion.sources.simulator.registers.write import write_registers

__all__ = ["registers", "source_of", "write_registers"]
