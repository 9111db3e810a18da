"""Tables of the lake as the marts see them, on either engine."""

from __future__ import annotations

import pyarrow as pa
from pyiceberg.catalog import Catalog
from pyiceberg.types import BinaryType


def plain_timestamps(rows: pa.Table) -> pa.Table:
    """The rows with their points in time as plain UTC timestamps of microseconds."""
    for index, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            rows = rows.set_column(index, field.name, rows.column(index).cast(pa.timestamp("us")))
    return rows


def read_lake_table(catalog: Catalog, name: str) -> pa.Table:
    """All rows of a table, without its binary columns: bronze holds whole payloads, and no figure needs one."""
    table = catalog.load_table(name)
    columns = tuple(f.name for f in table.schema().fields if not isinstance(f.field_type, BinaryType))
    return plain_timestamps(table.scan(selected_fields=columns).to_arrow())
