"""Landing: every record of a source reaches the topic, the quarantine or the spool, and is counted."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

from confluent_kafka import KafkaException

from infra.settings import MAX_RECORD_BYTES, Settings, bootstrap
from ingestion.contracts.derived import QuarantineReason
from ingestion.landing.ledger import Ledger
from ingestion.landing.post import Poster, Refused
from ingestion.landing.report import LandingReport
from ingestion.landing.resend import resend
from ingestion.landing.spool import SpoolHead, SpoolWriter
from ingestion.landing.withheld import Withheld
from ingestion.sources.record import Record

MAX_KEY_BYTES = 64 * 1024
DELIVERY_TIMEOUT_S = 15.0
"""How long the broker may be away (a restart takes 3 s) before records are spooled."""


def land(
    settings: Settings,
    source: str,
    records: Iterable[Record | Withheld],
    *,
    run: str | None = None,
    delivery_timeout_s: float = DELIVERY_TIMEOUT_S,
) -> LandingReport:
    """Post a source's records to the topic and account for every one of them.

    What earlier runs of this source left in the spool is sent first. Records of a key keep their
    order. If the source itself raises, what it gave before is landed and counted, and its error
    goes on to the caller.

    Args:
        source: name of the source; header of its records, but of those that name their own.
        records: in the order of their event time per facility.
        run: id of this run; a new one if none is given.
        delivery_timeout_s: how long the broker may be away before the rest is spooled.

    Raises:
        UserError: the instance has no running broker, or its topic was never made.
        SafeholdError: the lake refuses the counts.
    """
    address = bootstrap(settings)
    earlier = send_spool(settings, source, delivery_timeout_s=delivery_timeout_s)
    # While what came before still waits, sending the new records would turn the order round.
    waiting = any(report.spooled for report in earlier)
    landing = _Landing(settings, address, source, run or new_run(), delivery_timeout_s, waiting)
    try:
        for item in records:
            landing.offer(item)
    finally:
        landing.finish()
    return landing.report()


def send_spool(
    settings: Settings, source: str | None = None, *, delivery_timeout_s: float = DELIVERY_TIMEOUT_S
) -> list[LandingReport]:
    """Send what waits in the spool, of one source or of all; one report per spooled run.

    Raises:
        UserError: the instance has no running broker.
    """
    return list(resend(settings, source, bootstrap(settings), delivery_timeout_s))


def new_run() -> str:
    """A run's id: time of its start, so that runs sort, and some chance."""
    return f"{int(time.time() * 1000):013d}-{secrets.token_hex(4)}"


def unusable(record: Record) -> tuple[QuarantineReason, str] | None:
    """Why a record is not even sent, or None."""
    if len(record.value) > MAX_RECORD_BYTES:
        return "too_large", f"{len(record.value)} bytes; records over {MAX_RECORD_BYTES} bytes are not sent: split it"
    if record.key is not None and len(record.key) > MAX_KEY_BYTES:
        return "too_large", f"the key has {len(record.key)} bytes; it should be a facility's id"
    if record.timestamp_ms is not None and record.timestamp_ms <= 0:
        return "undeliverable", f"receipt time {record.timestamp_ms} ms lies before 1970; Kafka has no such time"
    return None


class _Landing:
    """The state of one run."""

    def __init__(
        self, settings: Settings, address: str, source: str, run: str, delivery_timeout_s: float, waiting: bool
    ) -> None:
        self._settings, self._source, self._run = settings, source, run
        self._ledger = Ledger(settings, source, run)
        self._poster = Poster(address, source, run, delivery_timeout_s=delivery_timeout_s)
        self._spool: SpoolWriter | None = None
        self._spooling = False
        self._offsets: dict[int, int] | None = None
        self._offered = 0
        self._spooled = 0
        self._refused_of: Counter[str] = Counter()
        """Records of the window being settled that were refused, by source."""
        try:
            self._spooling = waiting
            self._offsets = None if waiting else self._poster.end_offsets()
        except KafkaException:
            self._spooling = True

    def offer(self, item: Record | Withheld) -> None:
        """Take one record from the source."""
        number = self._offered
        self._offered += 1
        if isinstance(item, Withheld):
            self._ledger.quarantine(number, item.record, item.reason, item.detail)
        elif (why := unusable(item)) is not None:
            self._ledger.quarantine(number, item, *why)
        elif self._spooling:
            self._to_spool(number, item)
        else:
            self._poster.post(number, item)
            if self._poster.away or self._poster.window_full:
                self._settle()
        if self._ledger.due:
            self._settle()
            self._ledger.write_part()

    def finish(self) -> None:
        """Learn the fate of everything and write the last part."""
        self._settle()
        if self._spool is not None:
            self._spool.close()
        self._ledger.write_part()

    def report(self) -> LandingReport:
        """Counts of the run so far."""
        return LandingReport(
            run=self._run,
            offered=self._offered,
            landed=self._ledger.total_landed,
            quarantined=self._ledger.reasons.total(),
            spooled=self._spooled,
            reasons=dict(self._ledger.reasons),
        )

    def _settle(self) -> None:
        landed = self._poster.pending()
        if not landed:
            return
        self._refused_of.clear()
        unsent = self._poster.settle(self._refused)
        landed.subtract(self._refused_of)
        landed.subtract(record.source or self._source for _, record in unsent)
        self._ledger.landed(landed)
        if self._poster.away:
            self._spooling = True
            for number, record in unsent:
                self._to_spool(number, record)
        else:
            # Where this fails the older offsets stay: they lie before the unknown, too.
            with suppress(KafkaException):
                self._offsets = self._poster.end_offsets()

    def _to_spool(self, number: int, record: Record) -> None:
        if self._spool is None:
            self._spool = SpoolWriter(self._settings.spool, SpoolHead(self._source, self._run, self._offsets))
        self._spool.add(number, record)
        self._spooled += 1

    def _refused(self, number: int, record: Record, refusal: Refused) -> None:
        reason: QuarantineReason = "refused_by_broker" if refusal.by_broker else "undeliverable"
        self._refused_of[record.source or self._source] += 1
        insisted = "" if record.timestamp_ms is None else f" (receipt time {record.timestamp_ms} ms)"
        self._ledger.quarantine(number, record, reason, f"{refusal.name}{insisted}")
