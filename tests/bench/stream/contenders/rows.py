"""Where contenders write: two Iceberg tables of the instance, and PyIceberg's way into them."""

from __future__ import annotations

import time
from typing import Any

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog

from infra.settings import open_catalog
from infra.settings.model import Settings
from tests.bench.stream.ruleset import Alert, Features

NAMESPACE, ALERTS, FEATURES = "bench", "bench.alert", "bench.features"
COMMIT_S = 2.0
"""Commits to the lake are this far apart, as ours are by ``checkpoint_interval_ms``."""

ALERT_SCHEMA = pa.schema(
    [
        ("facility", pa.string()),
        ("rule", pa.string()),
        ("entity", pa.string()),
        ("onset", pa.int64()),
        ("raised_at", pa.int64()),
        ("ended", pa.int64()),
    ]
)
FEATURES_SCHEMA = pa.schema([("facility", pa.string()), ("at", pa.int64()), ("body", pa.binary())])


def make_tables(settings: Settings) -> None:
    """The two tables, with the compression of ours."""
    catalog = open_catalog(settings)
    catalog.create_namespace(NAMESPACE)
    zstd = {"format-version": "2", "write.parquet.compression-codec": "zstd"}
    catalog.create_table(ALERTS, ALERT_SCHEMA, properties=zstd)
    catalog.create_table(FEATURES, FEATURES_SCHEMA, properties=zstd)


class Writer:
    """Gathers rows and appends them every ``COMMIT_S`` seconds: what a Python program without an engine does."""

    def __init__(self, settings: Settings) -> None:
        catalog: SqlCatalog = open_catalog(settings)
        self._alerts, self._features = catalog.load_table(ALERTS), catalog.load_table(FEATURES)
        self._rows: list[tuple[Any, ...]] = []
        self._bodies: list[tuple[Any, ...]] = []
        self._due = time.monotonic() + COMMIT_S

    def add(self, facility: str, found: list[Alert | Features]) -> None:
        for one in found:
            (self._rows if isinstance(one, Alert) else self._bodies).append((facility, *one))
        if time.monotonic() >= self._due:
            self.commit()

    def commit(self) -> None:
        for table, rows, schema in (
            (self._alerts, self._rows, ALERT_SCHEMA),
            (self._features, self._bodies, FEATURES_SCHEMA),
        ):
            if rows:
                columns = [pa.array(c, field.type) for c, field in zip(zip(*rows, strict=True), schema, strict=True)]
                table.append(pa.Table.from_arrays(columns, schema=schema))
                rows.clear()
        self._due = time.monotonic() + COMMIT_S
