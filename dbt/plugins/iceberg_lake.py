"""How dbt-duckdb reads the instance's Iceberg tables.

The adapter's own plugin hands over every column. The lake's bronze tables hold whole payloads, and no
figure needs one: binary columns stay behind, so that counting a million records reads a few megabytes.
Timestamps become plain UTC timestamps, as they are under Spark with its session in UTC.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import SourceConfig
from pyiceberg.types import BinaryType

from infra.settings import load_settings, open_catalog


class Plugin(BasePlugin):
    """Registered as `lake` in profiles.yml; sources name their table in `meta.iceberg_table`."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        self._catalog = open_catalog(load_settings())

    def load(self, source_config: SourceConfig) -> pa.Table:
        table = self._catalog.load_table(str(source_config.get("iceberg_table")))
        names = tuple(f.name for f in table.schema().fields if not isinstance(f.field_type, BinaryType))
        rows = table.scan(selected_fields=names).to_arrow()
        for index, field in enumerate(rows.schema):
            if pa.types.is_timestamp(field.type):
                rows = rows.set_column(index, field.name, rows.column(index).cast(pa.timestamp("us")))
        return rows
