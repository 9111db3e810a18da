"""Posting to the broker, in windows: whatever was posted since the last settling has a known fate.

The producer is idempotent and keeps the order of a key. A window is bounded in records and bytes,
so that its records can be held until their fate is known.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from infra.settings import EVENTS_TOPIC, MAX_RECORD_BYTES, SOURCE_HEADER, UserError
from ingestion.sources.record import Record

LANDING_HEADER = "landing"
"""Header `<run>:<number>`: by it a resend knows which records the broker had taken after all."""

WINDOW_RECORDS = 50_000
WINDOW_BYTES = 64 * 1024 * 1024

REQUEST_TIMEOUT_S = 10.0
"""A broker that does not answer a question for so long is away."""

_BROKER_CLOCK_MARGIN_MS = 300_000
_BROKER_AHEAD_MS = 3_600_000

_REFUSALS = {
    KafkaError.INVALID_TIMESTAMP,
    KafkaError.MSG_SIZE_TOO_LARGE,
    KafkaError.INVALID_RECORD,
    KafkaError.INVALID_MSG,
    KafkaError.POLICY_VIOLATION,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.RECORD_LIST_TOO_LARGE,
}
_ABSENCES = {
    KafkaError._MSG_TIMED_OUT,
    KafkaError._PURGE_QUEUE,
    KafkaError._PURGE_INFLIGHT,
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._TIMED_OUT,
    KafkaError._UNKNOWN_TOPIC,
    KafkaError._UNKNOWN_PARTITION,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.REQUEST_TIMED_OUT,
    KafkaError.NOT_ENOUGH_REPLICAS,
    KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
}

QUIET = logging.getLogger("safehold.landing")
QUIET.addHandler(logging.NullHandler())
"""librdkafka's own remarks; not for the user's screen, who gets counts and errors."""
QUIET.propagate = False


class Refused(Exception):
    """The broker looked at a record and refused it, or the client could not send it at all."""

    def __init__(self, error: KafkaError) -> None:
        super().__init__(error.str())
        self.by_broker = error.code() in _REFUSALS
        self.name = f"{error.name()}: {error.str()}"


class Poster:
    """Posts the records of one run.

    Failed records of a window come back from :meth:`settle`, in the order in which they were
    posted. Once the broker is away nothing more is sent, or a key's order would be lost.
    """

    def __init__(self, address: str, source: str, run: str, *, delivery_timeout_s: float) -> None:
        self._source = source
        self._mark = f"{run}:".encode()
        self._source_headers: dict[str | None, tuple[str, bytes]] = {None: (SOURCE_HEADER, source.encode())}
        self._numbers: list[int] = []
        self._records: list[Record] = []
        self._reports: list[Callable[[KafkaError, object], None]] = []
        """One callback for each place of the window, used again by every window: objects made for each
        record and held until its fate is known would keep the garbage collector busier than the posting."""
        self._window_bytes = 0
        self._failed: dict[int, KafkaError] = {}
        self.away = False
        """True once the broker could not be reached within the delivery timeout."""
        self._request_timeout_s = min(REQUEST_TIMEOUT_S, delivery_timeout_s)
        common = {"bootstrap.servers": address, "socket.connection.setup.timeout.ms": 5000}
        self._admin = AdminClient(dict(common), logger=QUIET)
        self._producer = Producer(
            {
                **common,
                "enable.idempotence": True,
                # The partitioner of the Java clients, so that a facility has one partition whoever posts.
                "partitioner": "murmur2_random",
                "compression.type": "lz4",
                "linger.ms": 20,
                "batch.size": 1_000_000,
                "message.max.bytes": 2 * MAX_RECORD_BYTES,
                "queue.buffering.max.messages": WINDOW_RECORDS + 1000,
                "queue.buffering.max.kbytes": 2 * WINDOW_BYTES // 1024,
                "message.timeout.ms": int(delivery_timeout_s * 1000),
                "reconnect.backoff.max.ms": 1000,
                "delivery.report.only.error": True,
            },
            logger=QUIET,
        )

    def end_offsets(self) -> dict[int, int]:
        """Next offset of each partition of the topic.

        Raises:
            KafkaException: the broker cannot be asked.
            UserError: it has no topic of events.
        """
        topic = self._admin.list_topics(EVENTS_TOPIC, timeout=self._request_timeout_s).topics[EVENTS_TOPIC]
        if topic.error is not None:
            raise UserError(f"the broker has no topic {EVENTS_TOPIC}: {topic.error.str()}", do="run: safehold up")
        asked = {TopicPartition(EVENTS_TOPIC, number): OffsetSpec.latest() for number in topic.partitions}
        answers = self._admin.list_offsets(asked, request_timeout=self._request_timeout_s)
        return {place.partition: future.result().offset for place, future in answers.items()}

    @property
    def window_full(self) -> bool:
        """True when :meth:`settle` is due."""
        return len(self._records) >= WINDOW_RECORDS or self._window_bytes >= WINDOW_BYTES

    def pending(self) -> Counter[str]:
        """Records posted since the last settling, by source."""
        return Counter(record.source or self._source for record in self._records)

    def post(self, number: int, record: Record) -> None:
        """Hand a record to the producer; `number` is its number within the run."""
        index = len(self._records)
        self._numbers.append(number)
        self._records.append(record)
        if index == len(self._reports):
            self._reports.append(partial(self._on_failure, index))
        self._window_bytes += len(record.value)
        if self._is_suspect(record):
            # The broker refuses a whole batch for one bad time: such a record travels alone.
            self._flush()
            self._send(index, number, record)
            self._flush()
            return
        self._send(index, number, record)
        if index % 256 == 0:
            self._producer.poll(0)

    def settle(self, on_refused: Callable[[int, Record, Refused], None]) -> list[tuple[int, Record]]:
        """Wait until the fate of the whole window is known.

        Args:
            on_refused: called for each record that was refused, alone, for good.

        Returns:
            Records that could not be delivered because the broker is away, in order. Some of them
            may be in the topic all the same, where its answer was lost.
        """
        self._flush()
        unsent = self._take_away()
        refused = sorted(self._failed)
        for index in refused:
            error = self._failed.pop(index)
            number, record = self._numbers[index], self._records[index]
            if not self.away and not self._is_suspect(record):
                # It may only have shared a batch with the culprit. Out of its place in the key's
                # order, but not lost.
                self._send(index, number, record)
                self._flush()
                again = self._failed.pop(index, None)
                if again is None:
                    continue
                error = again
                if again.code() in _ABSENCES:
                    self.away = True
            if error.code() in _ABSENCES or self.away:
                unsent.append(index)
            else:
                on_refused(number, record, Refused(error))
        entries = [(self._numbers[index], self._records[index]) for index in sorted(unsent)]
        self._numbers, self._records, self._window_bytes = [], [], 0
        return entries

    def _take_away(self) -> list[int]:
        """Places in the window that failed for the broker's absence; empties the producer where there is one."""
        if self.away:
            self._producer.purge()
            self._flush()
        absent = [index for index, error in self._failed.items() if error.code() in _ABSENCES]
        for index in absent:
            del self._failed[index]
        return absent

    def _is_suspect(self, record: Record) -> bool:
        if record.timestamp_ms is None:
            return False
        ahead = record.timestamp_ms - int(time.time() * 1000)
        return ahead > _BROKER_AHEAD_MS - _BROKER_CLOCK_MARGIN_MS

    def _send(self, index: int, number: int, record: Record) -> None:
        options: dict[str, Any] = {} if record.timestamp_ms is None else {"timestamp": record.timestamp_ms}
        source = self._source_headers.get(record.source)
        if source is None:
            source = self._source_headers[record.source] = (SOURCE_HEADER, (record.source or self._source).encode())
        headers = [source, (LANDING_HEADER, b"%b%d" % (self._mark, number))]
        while not self.away:
            try:
                self._producer.produce(
                    EVENTS_TOPIC, record.value, record.key, on_delivery=self._reports[index], headers=headers, **options
                )
                return
            except BufferError:
                self._producer.poll(0.1)
            except KafkaException as error:
                self._failed[index] = error.args[0]
                return
        self._failed[index] = KafkaError(KafkaError._PURGE_QUEUE)

    def _on_failure(self, index: int, error: KafkaError, _message: object) -> None:
        self._failed[index] = error
        if error.code() in _ABSENCES:
            self.away = True

    def _flush(self) -> None:
        # Every record is delivered, refused or timed out within the delivery timeout; a short wait
        # at a time lets Ctrl-C through and notices at once that the broker is away.
        while self._producer.flush(0.5) > 0:
            if self.away:
                self._producer.purge()
