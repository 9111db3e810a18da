"""Reading the topic as it is, for tests."""

from __future__ import annotations

from typing import NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from infra.settings import EVENTS_TOPIC, Settings, bootstrap


class Received(NamedTuple):
    """A record of the topic."""

    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes
    source: str


def read_topic(settings: Settings, source: str | None = None) -> list[Received]:
    """Every record of the topic `events` by partition and offset, or those of one source."""
    consumer = Consumer({"bootstrap.servers": bootstrap(settings), "group.id": "test", "enable.partition.eof": True})
    records = []
    try:
        waiting = set(consumer.list_topics(EVENTS_TOPIC, timeout=10).topics[EVENTS_TOPIC].partitions)
        consumer.assign([TopicPartition(EVENTS_TOPIC, number, OFFSET_BEGINNING) for number in waiting])
        while waiting:
            for message in consumer.consume(10_000, timeout=0.1):
                error = message.error()
                if error is None:
                    name = dict(message.headers() or []).get("source", b"").decode()
                    records.append(
                        Received(
                            message.partition(),
                            message.offset(),
                            message.timestamp()[1],
                            message.key(),
                            message.value(),
                            name,
                        )
                    )
                else:
                    assert error.code() == KafkaError._PARTITION_EOF, error
                    waiting.discard(message.partition())
    finally:
        consumer.close()
    return sorted(record for record in records if source in (None, record.source))
