"""The clock of a live instance: it makes silence an event.

A facility whose cameras all fail posts nothing, and without events no second of it would ever be
closed and no absence ever be noticed. So the clock posts a `watermark` (reason `clock`) for each
live facility that was silent for a second. It learns the facilities from the topic itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import msgspec
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from infra.settings import EVENTS_TOPIC, SOURCE_HEADER, Settings, UserError, bootstrap
from ingestion.contracts import SitePlan, Watermark
from ingestion.contracts.schemas import struct_of
from ingestion.landing.land import land
from ingestion.landing.post import QUIET
from ingestion.landing.silence import Silence
from ingestion.sources.record import Record, record_of

SOURCE = "clock"
_TICK_S = 0.2
_DELIVERY_TIMEOUT_S = 5.0
_ECHO_TIMEOUT_S = 8.0
"""How long the clock waits to read its own watermarks before it takes the broker for away."""

_PAUSE_S = 1.0
"""After the broker went away, before it is looked for again."""


class _Head(msgspec.Struct):
    """What the clock needs of any event; other fields are passed over."""

    type: str
    event_time: int
    reason: str = ""


def run_clock(settings: Settings, stopped: Callable[[], bool], on_ready: Callable[[], None]) -> None:
    """Follow the topic and tell of silence until `stopped()`.

    Args:
        stopped: asked a few times a second.
        on_ready: called when everything in the topic at the start was read.

    Raises:
        UserError: the instance has no running broker at the start.
        KafkaException: it does not answer at the start.
    """
    address = bootstrap(settings)
    follower = _Follower(settings, address, stopped, on_ready)
    try:
        while not stopped():
            # A new run after each outage: a run that found the broker away spools to its end.
            with suppress(UserError):
                land(settings, SOURCE, follower.ticks(), delivery_timeout_s=_DELIVERY_TIMEOUT_S)
                if bootstrap(settings) != address:
                    # It was started again on another port: read the topic anew from there.
                    follower.close()
                    address = bootstrap(settings)
                    follower = _Follower(settings, address, stopped, on_ready)
            if not stopped():
                time.sleep(_PAUSE_S)
    finally:
        follower.close()


def watermark(facility: str, now_ms: int, lateness_ms: int) -> Record:
    """The record that tells of a facility's silence.

    An event may come in as late as the allowed lateness after it happened, so only what lies
    further back is called complete.
    """
    return record_of(
        Watermark(facility=facility, event_time=now_ms, device=SOURCE, complete_to=now_ms - lateness_ms, reason="clock")
    )


class _Follower:
    """Reads the topic from its beginning and keeps the books of silence, across outages."""

    def __init__(
        self, settings: Settings, address: str, stopped: Callable[[], bool], on_ready: Callable[[], None]
    ) -> None:
        self._lateness_ms = settings.allowed_lateness_ms
        self._stopped, self._on_ready = stopped, on_ready
        self._silence = Silence()
        self._plan = msgspec.json.Decoder(struct_of(SitePlan))
        self._head = msgspec.json.Decoder(_Head)
        self._ready = False
        self._consumer = Consumer(
            {
                "bootstrap.servers": address,
                "group.id": "safehold-clock",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
            },
            logger=QUIET,
        )
        self._behind = set(self._consumer.list_topics(EVENTS_TOPIC, timeout=10).topics[EVENTS_TOPIC].partitions)
        self._consumer.assign([TopicPartition(EVENTS_TOPIC, number, OFFSET_BEGINNING) for number in self._behind])

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def ticks(self) -> Iterator[Record]:
        """Watermarks as they fall due; ends when they do not come back from the topic.

        That says more than asking the broker: a landing that once found it away spools to its end,
        even when the broker is back.
        """
        unheard_since: float | None = None
        while not self._stopped():
            if self._read():
                unheard_since = None
            elif unheard_since is not None and time.monotonic() - unheard_since > _ECHO_TIMEOUT_S:
                return
            if self._behind:
                continue  # what looks silent may only not have been read yet
            if not self._ready:
                self._ready = True
                self._on_ready()
            now_ms = int(time.time() * 1000)
            for facility in self._silence.due(now_ms):
                unheard_since = unheard_since or time.monotonic()
                yield watermark(facility, now_ms, self._lateness_ms)

    def _read(self) -> bool:
        """Take in what is new in the topic; True if watermarks of the clock were among it."""
        echo = False
        newest: dict[str, tuple[int, bytes]] = {}
        for message in self._consumer.consume(10_000, timeout=_TICK_S):
            error = message.error()
            if error is not None:
                if error.code() == KafkaError._PARTITION_EOF:
                    self._behind.discard(message.partition())
                continue
            key, value = message.key(), message.value()
            if dict(message.headers() or []).get(SOURCE_HEADER) == SOURCE.encode():
                echo = True
                continue
            if key is None or value is None:
                continue
            facility = key.decode("utf-8", errors="replace")
            if not self._silence.knows(facility):
                if not _is_plan_of(self._plan, facility, value):
                    continue
                self._silence.learn(facility)
            newest[facility] = (message.timestamp()[1], value)
        # Of each facility only the newest record of the batch is looked at, so that following a
        # full topic costs little.
        for facility, (received_ms, value) in newest.items():
            try:
                event = self._head.decode(value)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # it moves no clock of the stream job, so it breaks no silence
            ended = event.type == Watermark.TYPE and event.reason == "end_of_replay"
            self._silence.heard(facility, received_ms=received_ms, event_ms=event.event_time, ended=ended)
        return echo


def _is_plan_of(decoder: msgspec.json.Decoder[Any], facility: str, value: bytes) -> bool:
    if b"site_plan" not in value:
        return False
    try:
        return getattr(decoder.decode(value), "facility", None) == facility
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
