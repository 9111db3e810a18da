"""Tables of the lake as the marts see them, on either engine: pinned to a snapshot, or only what came since another."""

from __future__ import annotations

import pyarrow as pa
from pyiceberg.catalog import Catalog
from pyiceberg.io.pyarrow import ArrowScan, schema_to_pyarrow
from pyiceberg.schema import Schema
from pyiceberg.table import ALWAYS_TRUE, FileScanTask, Table
from pyiceberg.table.snapshots import Operation
from pyiceberg.types import BinaryType

from infra.settings import table_name
from ingestion.contracts import DERIVED, REGISTERS

Snapshots = dict[str, int | None]
"""Table of the lake to the id of a snapshot, None where the table had never been written."""


def current_snapshots(catalog: Catalog) -> Snapshots:
    """The newest snapshot of every table that a contract states."""
    names = [table_name(model) for model in (*REGISTERS.values(), *DERIVED.values())]
    newest = {name: catalog.load_table(name).current_snapshot() for name in names}
    return {name: snapshot.snapshot_id if snapshot else None for name, snapshot in newest.items()}


def plain_timestamps(rows: pa.Table) -> pa.Table:
    """The rows with their points in time as plain UTC timestamps of microseconds."""
    for index, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            rows = rows.set_column(index, field.name, rows.column(index).cast(pa.timestamp("us")))
    return rows


def _columns(table: Table) -> Schema:
    """All columns but binary ones: bronze holds whole payloads, and no figure needs one."""
    schema = table.schema()
    return schema.select(*(f.name for f in schema.fields if not isinstance(f.field_type, BinaryType)))


def rows_at(catalog: Catalog, name: str, snapshot: int | None) -> pa.Table:
    """A table's rows as of a snapshot."""
    table = catalog.load_table(name)
    if snapshot is None:
        return plain_timestamps(schema_to_pyarrow(_columns(table)).empty_table())
    columns = tuple(field.name for field in _columns(table).fields)
    return plain_timestamps(table.scan(snapshot_id=snapshot, selected_fields=columns).to_arrow())


def _files(table: Table, snapshot: int | None) -> dict[str, FileScanTask]:
    return {} if snapshot is None else {t.file.file_path: t for t in table.scan(snapshot_id=snapshot).plan_files()}


def rows_since(catalog: Catalog, name: str, before: int | None, until: int | None) -> pa.Table | None:
    """Rows that were appended to a table after one snapshot, up to another; compaction in between adds none.

    Returns:
        None where this cannot be told: rows were removed or overwritten, or the snapshots or files are gone.
    """
    table = catalog.load_table(name)
    appended: list[FileScanTask] = []
    at = until
    while at != before:
        snapshot = table.snapshot_by_id(at) if at is not None else None
        if snapshot is None or snapshot.summary is None:
            return None
        parent = snapshot.parent_snapshot_id
        if snapshot.summary.operation == Operation.APPEND:
            if parent is not None and table.snapshot_by_id(parent) is None:
                return None
            known = _files(table, parent)
            appended += [task for path, task in _files(table, at).items() if path not in known]
        elif snapshot.summary.operation != Operation.REPLACE:
            return None
        at = parent
    try:
        return plain_timestamps(ArrowScan(table.metadata, table.io, _columns(table), ALWAYS_TRUE).to_table(appended))
    except FileNotFoundError:  # compacted, and the snapshot that needed the file is gone
        return None
