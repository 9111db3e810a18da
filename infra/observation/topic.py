"""The end of the topic: how many records it holds, and the newest of each facility."""

from __future__ import annotations

import logging
import time
from collections.abc import Set
from dataclasses import dataclass

import msgspec
from confluent_kafka import Consumer, TopicPartition

from infra.settings import EVENTS_TOPIC, Settings, bootstrap
from ingestion.contracts import RuleChange, Watermark

TAIL = 1000
"""So many of the newest records of a partition are looked at; who posted nothing in them is left as he was."""

TIMEOUT_S = 10.0


_QUIET = logging.getLogger("safehold.observation")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False  # librdkafka's own remarks: what matters of them is in the sample's fault


class _Head(msgspec.Struct):
    """What is needed of any event; other fields are passed over."""

    type: str
    event_time: int
    complete_to: int = 0


@dataclass
class Newest:
    """Of a facility: the largest event time received, and when the last record was (ms)."""

    event: int
    received_at: int


class Topic:
    """Looks at the end of the topic, each record once."""

    def __init__(self, settings: Settings) -> None:
        """Raises UserError where no broker runs."""
        self._ahead_ms = settings.ahead_tolerance_ms
        self._head = msgspec.json.Decoder(_Head)
        self._known: Set[str] = set()
        self._next: dict[int, int] = {}
        self.newest: dict[str, Newest] = {}
        self.address = bootstrap(settings)
        self._consumer = Consumer(
            {"bootstrap.servers": self.address, "group.id": "safehold-observe", "enable.auto.commit": False},
            logger=_QUIET,
        )

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def edges(self) -> dict[int, tuple[int, int]]:
        """By partition, the first offset that is held and the one after the last.

        Raises:
            KafkaException: the broker does not answer.
        """
        partitions = self._consumer.list_topics(EVENTS_TOPIC, timeout=TIMEOUT_S).topics[EVENTS_TOPIC].partitions
        return {
            number: self._consumer.get_watermark_offsets(TopicPartition(EVENTS_TOPIC, number), timeout=TIMEOUT_S)
            for number in partitions
        }

    def look(self, edges: dict[int, tuple[int, int]], known: Set[str]) -> None:
        """Take in the newest records of the facilities that are known.

        Any record may come with any key, so that others would only fill the memory. The end of the topic is read again
        for one that was not known before.
        """
        if not known <= self._known:
            self._known, self._next = set(known), {}
        wanted = {number: max(low, high - TAIL, self._next.get(number, 0)) for number, (low, high) in edges.items()}
        left = {number for number, begin in wanted.items() if begin < edges[number][1]}
        self._consumer.assign([TopicPartition(EVENTS_TOPIC, number, wanted[number]) for number in left])
        until = time.monotonic() + TIMEOUT_S
        while left and time.monotonic() < until:
            for message in self._consumer.consume(500, timeout=0.5):
                if message.error() is not None:
                    continue
                number, offset = message.partition(), message.offset()
                self._next[number] = offset + 1
                if offset + 1 >= edges[number][1]:
                    left.discard(number)
                key, value = message.key(), message.value()
                if key is not None and value is not None and (name := key.decode(errors="replace")) in known:
                    self._hear(name, message.timestamp()[1], value)

    def _hear(self, facility: str, received_at: int, value: bytes) -> None:
        try:
            head = self._head.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return  # the fold quarantines it: it moves no clock
        event = head.complete_to if head.type == Watermark.TYPE else head.event_time
        if head.type == RuleChange.TYPE or event > received_at + self._ahead_ms:
            return  # the first moves no clock by its meaning; the second is refused as ahead of its time
        last = self.newest.setdefault(facility, Newest(event, received_at))
        last.event, last.received_at = max(last.event, event), max(last.received_at, received_at)
