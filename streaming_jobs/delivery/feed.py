"""Alerts off their topic into the desk; where the reading stands is stored with the decisions."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import msgspec
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from infra.settings import ALERTS_TOPIC
from streaming_jobs.delivery.desk import Desk
from streaming_jobs.response import AlertStep, alert_step

_QUIET = logging.getLogger("safehold.feed")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False
POLL_S = 0.05
AWAY_S = 10.0


def read_alert(payload: bytes | None) -> AlertStep | None:
    """The alert in a record of the topic, None for something else (which only we could have written)."""
    try:
        return alert_step(json.loads(payload or b""))
    except (KeyError, TypeError, ValueError, msgspec.ValidationError):
        return None


class Feed:
    """Reads all partitions from where the journal stands, without a consumer group: one desk an instance."""

    def __init__(self, address: str, desk: Desk) -> None:
        self._desk = desk
        self.unreadable = 0
        self._consumer = Consumer(
            {
                "bootstrap.servers": address,
                "group.id": "safehold-response",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 20,
                "reconnect.backoff.max.ms": 1000,
            },
            logger=_QUIET,
        )
        self._assigned = False

    def _assign(self) -> None:
        partitions = self._consumer.list_topics(ALERTS_TOPIC, timeout=AWAY_S).topics[ALERTS_TOPIC].partitions
        stands = self._desk.journal.positions()
        self._consumer.assign([TopicPartition(ALERTS_TOPIC, p, stands.get(p, OFFSET_BEGINNING)) for p in partitions])
        self._assigned = True

    def run(self, stopped: Callable[[], bool]) -> None:
        """Bring alerts, and ticks when they are due, until told to stop; a broker that is away is waited for."""
        try:
            while not stopped():
                self.step()
        finally:
            self._consumer.close()

    def step(self) -> None:
        """One look at the topic."""
        messages = []
        try:
            if not self._assigned:
                self._assign()
            first = self._consumer.poll(POLL_S)
            if first is not None:
                messages = [first, *self._consumer.consume(500, timeout=0)]
        except KafkaException:
            pass  # away: ticks go on, and the client keeps trying
        steps: list[AlertStep] = []
        positions: dict[int, int] = {}
        for message in messages:
            if message.error() is not None:
                continue
            found = read_alert(message.value())
            self.unreadable += found is None
            steps += [found] if found is not None else []
            positions[message.partition() or 0] = (message.offset() or 0) + 1
        if positions:
            self._desk.take(steps, positions)
        self._desk.tick()
