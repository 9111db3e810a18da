"""How dbt-duckdb reads the instance's Iceberg tables: only the columns that a figure may need.

The adapter's own plugin hands over every column, so that counting a million records would read all their payloads.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import SourceConfig

from batch_jobs.marts.lake_tables import read_lake_table
from infra.settings import load_settings, open_catalog


class Plugin(BasePlugin):
    """Registered as `lake` in profiles.yml; sources name their table in `meta.iceberg_table`."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        self._catalog = open_catalog(load_settings())

    def load(self, source_config: SourceConfig) -> pa.Table:
        return read_lake_table(self._catalog, str(source_config.get("iceberg_table")))
