"""The stream's own decision over received records, the late ones in their places, as a function for Spark's workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from streaming_jobs.catalogue import RULES_DIR
from streaming_jobs.fold.envelope import Received
from streaming_jobs.fold.facility import FacilityFold, FoldConfig

BATCH = 5_000
_TIMES = msgspec.json.Decoder(msgspec.defstruct("_Times", [("event_time", int, 0), ("complete_to", int, 0)]))


@dataclass(frozen=True)
class InTime:
    """All alerts of a facility as they would be had no record been late.

    ``until_ms``: event time after which nothing more need be decided; the rules are those of this release
    with the changes in the records.
    """

    lateness_ms: int
    ahead_ms: int
    until_ms: int
    rules: Path = RULES_DIR

    def __call__(
        self, key: bytes, late: Sequence[Mapping[str, Any]], others: Iterable[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        fold = FacilityFold(key, FoldConfig.load(self.lateness_ms, self.ahead_ms, rules=self.rules))
        alerts: dict[str, dict[str, Any]] = {}
        batch: list[Received] = []

        def decide() -> None:
            for row in fold.process(0, batch).alert:
                alerts[row["alert_id"]] = row
            batch.clear()

        for record in in_time(late, others):
            batch.append(record)
            if len(batch) == BATCH:
                decide()
                if fold.done_s * 1000 > self.until_ms:
                    break
        decide()
        return list(alerts.values())


def in_time(late: Sequence[Mapping[str, Any]], others: Iterable[Mapping[str, Any]]) -> Iterator[Received]:
    """Records in the order of their offsets, each late one before the first that is of its time or later.

    Args:
        late, others: rows of ``bronze.received`` with ``reason``; ``others`` in the order of offsets.
    """
    waiting = sorted(late, key=lambda row: (_time(row), row["topic_offset"]), reverse=True)
    for row in others:
        now = _time(row) if row["reason"] in (None, "domain_fault") else 0  # a refused record moved no clock
        while waiting and _time(waiting[-1]) <= now:
            yield _received(waiting.pop())
        yield _received(row)
    yield from (_received(row) for row in reversed(waiting))


def _received(row: Mapping[str, Any]) -> Received:
    return Received(row["topic_offset"], row["received_at"], row["source"], row["payload"])


def _time(row: Mapping[str, Any]) -> int:
    """How far a record may move the clock, ms; 0 for one that is no event."""
    try:
        times: Any = _TIMES.decode(row["payload"] or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return 0
    latest: int = max(times.event_time, times.complete_to)
    return latest
