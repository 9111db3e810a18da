"""Sending what waits in the spool, each record once.

A broker that went away may have taken records whose confirmation was lost. Each record carries its
run and number in a header, so the end of the topic tells which of them are there already. A file
is sent and counted as a whole: if the broker goes away again, or this process is killed, the file
stays, and the next attempt finds what got through.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from infra.settings import EVENTS_TOPIC, Settings
from ingestion.contracts.derived import QuarantineReason
from ingestion.landing.ledger import Ledger
from ingestion.landing.post import LANDING_HEADER, QUIET, REQUEST_TIMEOUT_S, Poster, Refused
from ingestion.landing.report import LandingReport
from ingestion.landing.spool import SpoolFile, SpoolHead, open_spool_files
from ingestion.landing.withheld import Withheld
from ingestion.sources.record import Record


def resend(
    settings: Settings, source: str | None, address: str, delivery_timeout_s: float, fresh: Collection[Path] = ()
) -> Iterator[LandingReport]:
    """Send the spool files of one source, or of all, oldest first; one report for each.

    Args:
        fresh: files that nobody has tried to send yet: the topic need not be asked for their records.
    """
    away: set[str] = set()
    for file in open_spool_files(settings.spool, source):
        if file.head.source in away:
            # A source's files keep their order: an older one is still waiting.
            yield _still_waiting(file)
            continue
        report = _send(settings, file, address, delivery_timeout_s, fresh=file.path in fresh)
        if report.spooled:
            away.add(file.head.source)
        yield report


def _send(
    settings: Settings, file: SpoolFile, address: str, delivery_timeout_s: float, *, fresh: bool
) -> LandingReport:
    head = file.head
    ledger = Ledger(settings, head.source, f"{head.run}.spool")
    poster = Poster(address, head.source, head.run, delivery_timeout_s=delivery_timeout_s)
    landed: Counter[str] = Counter()

    def refused(number: int, record: Record, refusal: Refused) -> None:
        reason: QuarantineReason = "refused_by_broker" if refusal.by_broker else "undeliverable"
        landed[record.source or head.source] -= 1
        ledger.quarantine(number, record, reason, refusal.name)

    try:
        there = set() if fresh else _numbers_in_topic(address, head, min(REQUEST_TIMEOUT_S, delivery_timeout_s))
    except KafkaException:
        return _still_waiting(file)
    count = 0
    for number, record in file.records():
        count += 1
        if isinstance(record, Withheld):
            ledger.quarantine(number, record.record, record.reason, record.detail)
            continue
        landed[record.source or head.source] += 1
        if number not in there:
            poster.post(number, record)
        if poster.away or poster.window_full:
            poster.settle(refused)
        if poster.away:
            break
    poster.settle(refused)
    if poster.away:
        count += sum(1 for _ in file.records())
        return LandingReport(run=head.run, offered=count, landed=0, quarantined=0, spooled=count)
    ledger.landed(landed)
    if not ledger.already_written():
        ledger.write_part()
    file.remove()
    return LandingReport(
        run=head.run,
        offered=count,
        landed=ledger.total_landed,
        quarantined=ledger.reasons.total(),
        reasons=dict(ledger.reasons),
    )


def _still_waiting(file: SpoolFile) -> LandingReport:
    count = sum(1 for _ in file.records())
    return LandingReport(run=file.head.run, offered=count, landed=0, quarantined=0, spooled=count)


def _numbers_in_topic(address: str, head: SpoolHead, timeout_s: float) -> set[int]:
    """Numbers of the run's records that are in the topic, at or after the offsets of the spool file.

    Raises:
        KafkaException: the broker cannot be read.
    """
    offsets = head.offsets
    if offsets is None:
        return set()
    consumer = Consumer(
        {
            "bootstrap.servers": address,
            "group.id": "safehold-spool",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            # The topic was made anew meanwhile: everything in it is after our offsets.
            "auto.offset.reset": "earliest",
        },
        logger=QUIET,
    )
    mine = f"{head.run}:".encode()
    found: set[int] = set()
    try:
        topic = consumer.list_topics(EVENTS_TOPIC, timeout=timeout_s).topics[EVENTS_TOPIC]
        open_partitions = set(topic.partitions)
        consumer.assign([TopicPartition(EVENTS_TOPIC, p, offsets.get(p, OFFSET_BEGINNING)) for p in open_partitions])
        heard = time.monotonic()
        while open_partitions:
            # `consume` waits its whole timeout for a full batch, so it gets a short one.
            messages = consumer.consume(5000, timeout=0.1)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() - heard > timeout_s:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
            for message in messages:
                error = message.error()
                if error is None:
                    mark = dict(message.headers() or []).get(LANDING_HEADER) or b""
                    if mark.startswith(mine):
                        found.add(int(mark[len(mine) :]))
                elif error.code() == KafkaError._PARTITION_EOF:
                    open_partitions.discard(message.partition())
                else:
                    raise KafkaException(error)
    finally:
        consumer.close()
    return found
