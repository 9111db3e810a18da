"""The gateway's way into the landing: records are on the disk when `offer` returns, and in the topic soon after.

One thread sends: it closes the spool file at hand, lets the landing send it, and takes the next one, so that under
load many requests share one file, one flush of the broker and one commit in the lake.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from confluent_kafka import KafkaException

from infra.settings import SafeholdError, Settings, bootstrap
from ingestion.landing import Withheld
from ingestion.landing.land import new_run, unusable
from ingestion.landing.post import Poster
from ingestion.landing.resend import resend
from ingestion.landing.spool import SpoolHead, SpoolWriter
from ingestion.sources.record import Record

LOG = logging.getLogger("safehold.inbox")
SOURCE = "gateway"
LIMIT_BYTES = 256 * 1024 * 1024
DELIVERY_TIMEOUT_S = 5.0
AWAY_PAUSE_S = 1.0
PACE_S = 0.2
"""Pause between two files: a record may wait so long, and a busy hour costs the lake fewer commits."""


class Full(Exception):
    """The spool holds all that it may; come again later."""


class Inbox:
    """Open it once; threads may offer."""

    def __init__(self, settings: Settings, limit_bytes: int = LIMIT_BYTES) -> None:
        self._settings, self._limit = settings, limit_bytes
        self._write, self._sync = threading.Lock(), threading.Lock()
        self._writer: SpoolWriter | None = None
        self._written = self._synced = 0
        self._fresh: set[Path] = set()
        self._offsets: dict[int, int] = {}
        """Ends of the topic's partitions at some time in the past; nothing of later files lies before them."""
        self._asks: Poster | None = None
        self._pending, self._stopped = threading.Event(), False
        self._waiting_bytes = self._on_disk()
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._pending.set()  # files that an earlier process left

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Send what is there, if the broker is; the rest stays on the disk."""
        self._stopped = True
        self._pending.set()
        self._thread.join(timeout=60)

    @property
    def is_full(self) -> bool:
        return self._waiting_bytes >= self._limit

    def offer(self, items: Sequence[Record | Withheld]) -> None:
        """Take records; when this returns they are on the disk.

        Raises:
            Full: too much waits already; none of them was taken.
        """
        if self.is_full:
            raise Full
        with self._write:
            if self._writer is None:
                self._writer = SpoolWriter(self._settings.spool, SpoolHead(SOURCE, new_run(), self._offsets))
            writer = self._writer
            for item in items:
                writer.add(writer.records, _usable(item))
                self._waiting_bytes += len((item.record if isinstance(item, Withheld) else item).value)
            self._written += 1
            mine = self._written
        with self._sync:
            if self._synced < mine:
                with self._write:
                    upto = self._written
                    if self._writer is writer:
                        writer.sync()  # closing it, which somebody else may have done, does the same
                self._synced = upto
        self._pending.set()

    # -- sending ------------------------------------------------------------------------------
    def _run(self) -> None:
        while True:
            self._pending.wait(timeout=5)
            self._pending.clear()
            self._rotate()
            done = False
            try:
                done = self._send()
            except (SafeholdError, KafkaException) as error:
                LOG.warning("records wait in the spool: %s", error)
            if self._stopped:
                return
            if not done:
                self._pending.set()
            time.sleep(PACE_S if done else AWAY_PAUSE_S)

    def _rotate(self) -> None:
        with self._write:
            writer, self._writer = self._writer, None
            if writer is not None:
                writer.close()
                self._fresh.add(writer.path)

    def _send(self) -> bool:
        if not self._on_disk():
            return True
        address = bootstrap(self._settings)
        reports = list(resend(self._settings, SOURCE, address, DELIVERY_TIMEOUT_S, fresh=frozenset(self._fresh)))
        self._fresh.clear()  # what is left of them was tried
        self._waiting_bytes = self._on_disk()
        if reports:
            with suppress(KafkaException):
                if self._asks is None:
                    self._asks = Poster(address, SOURCE, "offsets", delivery_timeout_s=DELIVERY_TIMEOUT_S)
                self._offsets = self._asks.end_offsets()
        return not any(report.spooled for report in reports)

    def _on_disk(self) -> int:
        total = 0
        for path in self._settings.spool.glob("*.spool"):
            with suppress(FileNotFoundError):
                total += path.stat().st_size
        return total


def _usable(item: Record | Withheld) -> Record | Withheld:
    if isinstance(item, Record) and (why := unusable(item)) is not None:
        return Withheld(item, *why)
    return item
