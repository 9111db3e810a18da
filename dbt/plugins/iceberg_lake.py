"""How dbt-duckdb reads the instance's Iceberg tables: as they were when the build began, and without payloads."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import SourceConfig

from batch_jobs.marts.lake_tables import rows_at
from batch_jobs.marts.sources import load_reading
from infra.settings import load_settings, open_catalog


class Plugin(BasePlugin):
    """Registered as `lake` in profiles.yml; sources name their table in `meta.iceberg_table`."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        self._settings = load_settings()

    def load(self, source_config: SourceConfig) -> pa.Table:
        name = str(source_config.get("iceberg_table"))
        return rows_at(open_catalog(self._settings), name, load_reading(self._settings)[name])
