"""Taking samples and putting them into the lake: once, or every so many seconds.

Flink or the broker may be away: a sample then says so (`fault`), and what could be asked is in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from confluent_kafka import KafkaException

from infra.observation.job import NOTHING, sample_job
from infra.observation.ledger import Ledger
from infra.observation.tables import sample_tables
from infra.observation.topic import Topic
from infra.settings import SafeholdError, Settings, append_rows, bootstrap, ensure_tables, open_catalog
from ingestion.contracts import FacilityClock, JobHealth

TABLES_EVERY_S = 3600.0
"""The lake's tables grow slowly and are many; the job is looked at every time."""

_TICK_S = 0.2


class Observer:
    """Looks at one instance. Keeps the end of topic and ledger in mind between samples, and nothing that grows."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._catalog = open_catalog(settings)
        ensure_tables(self._catalog)
        self._ledger = Ledger(self._catalog)
        self._topic: Topic | None = None

    def close(self) -> None:
        """Leave the broker."""
        if self._topic is not None:
            self._topic.close()
            self._topic = None

    def job(self, at: int) -> JobHealth:
        """Look at job, topic and ledger, and append the sample and those of the facilities' clocks.

        Args:
            at: the time of the sample, ms.

        Raises:
            SafeholdError: the lake refuses the rows.
        """
        faults = []
        try:
            said = sample_job(self._settings)
        except (OSError, ValueError, KeyError, TypeError) as error:
            said = {"state": "unreachable", **NOTHING}
            faults.append(f"job: {_short(error)}")
        self._ledger.refresh()
        counts: dict[str, Any] = {"records_posted": None, "records_behind": None}
        try:
            edges = self._open().edges()
            counts = self._lag(edges)
            self._open().look(edges, self._ledger.clocks.keys())
        except (SafeholdError, KafkaException) as error:
            faults.append(f"topic: {_short(error)}")
            self.close()
        sample = JobHealth(at=at, fault="; ".join(faults), **said, **counts)
        append_rows(self._catalog, JobHealth, [sample])
        append_rows(self._catalog, FacilityClock, self._clocks(at))
        return sample

    def tables(self, at: int) -> int:
        """Look at the lake's tables and append their samples; returns how many."""
        rows = sample_tables(self._catalog, at)
        append_rows(self._catalog, type(rows[0]), rows)
        return len(rows)

    def _open(self) -> Topic:
        # A broker that was started again answers at another port.
        if self._topic is not None and self._topic.address != bootstrap(self._settings):
            self.close()
        self._topic = self._topic or Topic(self._settings)
        return self._topic

    def _lag(self, edges: dict[int, tuple[int, int]]) -> dict[str, int]:
        after = {number: self._ledger.offsets.get(number, -1) + 1 for number in edges}
        return {
            "records_posted": sum(high for _, high in edges.values()),
            "records_behind": sum(max(0, high - max(low, after[number])) for number, (low, high) in edges.items()),
        }

    def _clocks(self, at: int) -> list[FacilityClock]:
        newest = self._topic.newest if self._topic else {}
        return [
            FacilityClock(
                at=at,
                facility=name,
                clock=clock,
                newest_event=newest[name].event if name in newest else None,
                received_at=newest[name].received_at if name in newest else None,
            )
            for name, clock in sorted(self._ledger.clocks.items())
        ]


def follow(
    settings: Settings, every_s: float, stopped: Callable[[], bool], say: Callable[[str], None], *, tables: bool = True
) -> None:
    """Take samples until ``stopped()``; a sample that fails is told of, and the next one tried in its turn.

    Args:
        every_s: seconds between two samples of the job; the tables are looked at every hour.
        tables: whether to look at the tables at all.
    """
    observer = Observer(settings)
    looked: float | None = None
    try:
        while not stopped():
            began = time.monotonic()
            try:
                say(in_words(observer.job(_now_ms())))
                if tables and (looked is None or began - looked >= TABLES_EVERY_S):
                    say(f"{observer.tables(_now_ms())} tables of the lake looked at")
                    looked = began
            except Exception as error:  # the lake may be away too; a watch that dies of it would see nothing after
                say(f"no sample: {_short(error)}")
            while not stopped() and time.monotonic() - began < every_s:
                time.sleep(_TICK_S)
    finally:
        observer.close()


def in_words(sample: JobHealth) -> str:
    """One line on a sample, for a screen or a log."""
    parts = [f"job {sample.state.replace('_', ' ')}"]
    if sample.checkpoint_at is not None and sample.checkpoint_bytes is not None:
        age = (sample.at - sample.checkpoint_at) / 1000
        parts.append(f"last checkpoint {age:.1f} s ago, {sample.checkpoint_bytes / 1e6:.2f} MB")
    for text, value in (
        ("{:.0f} records/s", sample.records_per_s),
        ("{} behind", sample.records_behind),
        ("{} restarts", sample.restarts),
        ("{} checkpoints failed", sample.checkpoints_failed),
    ):
        if value is not None:
            parts.append(text.format(value))
    return ", ".join(parts + ([sample.fault] if sample.fault else []))


def _now_ms() -> int:
    return int(time.time() * 1000)


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
