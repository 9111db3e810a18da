"""How far the ledger is: the last offset of every partition and the clock of every facility, read as it grows."""

from __future__ import annotations

from pyiceberg.catalog import Catalog
from pyiceberg.io.pyarrow import ArrowScan
from pyiceberg.table import ALWAYS_TRUE, DataScan

from infra.settings import table_name
from ingestion.contracts import StreamLedger

_COLUMNS = ("facility", "topic_partition", "offset_to", "clock")


class Ledger:
    """Follows the table: every data file is read once, a batch of rows at a time.

    What is kept are largest values, so that a file which compaction made of others changes nothing.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._read: set[str] = set()
        self.offsets: dict[int, int] = {}
        """Last offset by partition of the topic."""
        self.clocks: dict[str, int] = {}
        """Event-time clock (ms) by facility; those whose clock no event has moved are left out."""

    def refresh(self) -> None:
        """Take in what was appended since the last time."""
        table = self._catalog.load_table(table_name(StreamLedger))
        scan: DataScan = table.scan(selected_fields=_COLUMNS)
        tasks = {task.file.file_path: task for task in scan.plan_files()}
        new = [task for path, task in tasks.items() if path not in self._read]
        for batch in ArrowScan(table.metadata, table.io, scan.projection(), ALWAYS_TRUE).to_record_batches(new):
            columns = batch.to_pydict()
            for partition, offset in zip(columns["topic_partition"], columns["offset_to"], strict=True):
                self.offsets[partition] = max(offset, self.offsets.get(partition, -1))
            for facility, clock in zip(columns["facility"], columns["clock"], strict=True):
                if facility and clock:
                    self.clocks[facility] = max(clock, self.clocks.get(facility, 0))
        self._read = set(tasks)
