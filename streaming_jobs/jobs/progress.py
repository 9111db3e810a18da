"""How far the job is: what the topic holds, and what of it is in the lake."""

from __future__ import annotations

from dataclasses import dataclass

from confluent_kafka import Consumer, TopicPartition

from infra.settings import EVENTS_TOPIC, Settings, bootstrap, open_catalog, table_name
from ingestion.contracts import Contract, ReceivedRecord, StreamLedger


@dataclass(frozen=True)
class Progress:
    """Numbers of records: in the topic, in bronze, folded (in the ledger)."""

    posted: int
    bronze: int
    folded: int

    @property
    def drained(self) -> bool:
        return self.posted == self.bronze == self.folded


class Watch:
    """Looks at topic and lake; a client and a catalogue that are kept open."""

    def __init__(self, settings: Settings) -> None:
        self._consumer = Consumer({"bootstrap.servers": bootstrap(settings), "group.id": "safehold-watch"})
        self._catalog = open_catalog(settings)
        self._folded = (None, 0)

    def _posted(self) -> int:
        partitions = self._consumer.list_topics(EVENTS_TOPIC, timeout=10).topics[EVENTS_TOPIC].partitions
        edges = [self._consumer.get_watermark_offsets(TopicPartition(EVENTS_TOPIC, p), timeout=10) for p in partitions]
        return sum(high - low for low, high in edges)

    def _rows(self, model: type[Contract]) -> int:
        snapshot = self._catalog.load_table(table_name(model)).current_snapshot()
        return 0 if snapshot is None or snapshot.summary is None else int(snapshot.summary["total-records"] or 0)

    def _ledger(self) -> int:
        table = self._catalog.load_table(table_name(StreamLedger))
        snapshot = table.current_snapshot()
        if snapshot is None:
            return 0
        known, total = self._folded
        if known != snapshot.snapshot_id:
            column = table.scan(selected_fields=("records",)).to_arrow()["records"]
            total = sum(column.to_pylist())
            self._folded = (snapshot.snapshot_id, total)  # type: ignore[assignment]
        return total

    def __call__(self) -> Progress:
        """Numbers now."""
        return Progress(self._posted(), self._rows(ReceivedRecord), self._ledger())

    def close(self) -> None:
        self._consumer.close()
