"""How large the tables of the lake are, from Iceberg's own metadata; no data is read."""

from __future__ import annotations

from pyiceberg.catalog import Catalog
from pyiceberg.manifest import DataFileContent
from pyiceberg.table import Table

from ingestion.contracts import LakeTable


def sample_tables(catalog: Catalog, at: int) -> list[LakeTable]:
    """One row a table of the lake, those that a cluster's marts are built into included.

    Args:
        at: the time of the sample, ms.
    """
    names = sorted(name for namespace in catalog.list_namespaces() for name in catalog.list_tables(namespace))
    return [_sample(catalog.load_table(name), ".".join(name), at) for name in names]


def _sample(table: Table, name: str, at: int) -> LakeTable:
    snapshot = table.current_snapshot()
    rows = data = deletes = size = 0
    # Manifest by manifest: PyIceberg's table of files also decodes the bounds of every column of every file.
    for manifest in snapshot.manifests(table.io) if snapshot else ():
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True):
            file = entry.data_file
            size += file.file_size_in_bytes
            if file.content == DataFileContent.DATA:
                data, rows = data + 1, rows + file.record_count
            else:
                deletes += 1
    return LakeTable(
        at=at,
        lake_table=name,
        row_count=rows,
        data_files=data,
        delete_files=deletes,
        file_bytes=size,
        snapshots=len(table.snapshots()),
        newest_snapshot_at=snapshot.timestamp_ms if snapshot else None,
    )
