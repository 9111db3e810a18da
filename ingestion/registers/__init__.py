"""Somebody's own register files, brought into the lake by a mapping.

A mapping (YAML, see :mod:`ingestion.registers.mapping`) says which columns become which fields of
which registers, the code page, the dates and the tiers. Rows that do not fit go to quarantine with
the reason; everything else is appended once, however often the file is imported.
"""

from ingestion.registers.load import MAPPINGS, load_mapping
from ingestion.registers.report import ImportReport, TableCount
from ingestion.registers.run import import_files

__all__ = ["MAPPINGS", "ImportReport", "TableCount", "import_files", "load_mapping"]
