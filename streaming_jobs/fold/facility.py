"""The fold of one facility."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ingestion.contracts import content_id
from streaming_jobs.catalogue import Catalogue
from streaming_jobs.features.compute import features_of
from streaming_jobs.features.perceive import forget
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import Plan, World
from streaming_jobs.fold.admit import Refusal, check_place, check_time, decode
from streaming_jobs.fold.envelope import Received
from streaming_jobs.kernel.alerts import alert_id, alert_row
from streaming_jobs.kernel.engine import Change, Engine
from streaming_jobs.risk.person import PersonRisks
from streaming_jobs.risk.score import Scorecard

DUPLICATE_S = 120  # a record that comes again within this event time is a duplicate; later it is late
SILENCE_S = 3600  # a silence is judged second by second for this long; then the clock jumps to its end
RAW_BYTES = 1 << 20


@dataclass(frozen=True)
class FoldConfig:
    """What a fold needs to know beside its records."""

    catalogue: Catalogue
    scorecard: Scorecard
    lateness_ms: int
    ahead_ms: int


@dataclass
class Outputs:
    """Rows for the lake, as their contracts name the fields."""

    ledger: list[dict[str, Any]] = field(default_factory=list)
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    alert: list[dict[str, Any]] = field(default_factory=list)
    risk: list[dict[str, Any]] = field(default_factory=list)


class Pending(NamedTuple):
    """An admitted event that waits for its second to close.

    Sorting compares time, then content, never arrival; two with the same digest are not admitted.
    """

    event_time: int
    digest: int
    payload: bytes
    event: Any


def digest_of(payload: bytes) -> int:
    """64-bit content digest of a record."""
    return int.from_bytes(hashlib.blake2b(payload, digest_size=8).digest(), "big", signed=True)


class FacilityFold:
    """State of one facility, moved on by its records in the order of their offsets.

    The event-time clock is the largest event time admitted, or what a watermark event says. A second
    is closed, and decided, when the clock is ``lateness_ms`` past its end. What comes for a closed
    second is late: it stays in bronze, is counted, and is reported in quarantine as landed.
    """

    def __init__(self, key: bytes | None, config: FoldConfig) -> None:
        self.key = key
        self.facility = "" if key is None else key.decode("utf-8", errors="replace")
        self.config = config
        self.clock_ms = 0
        self.closed_s = 0  # seconds before this one are closed
        self.done_s = 0  # seconds before this one are decided; lags closed_s within a batch only
        self.heard_s = 0  # last second with an admitted event, watermarks included
        self.world: World | None = None
        self.admitting: Plan | None = None  # plan of the latest admitted site_plan, for checks at entry
        self.pending: dict[int, list[Pending]] = {}
        self.digests: dict[int, set[int]] = {}
        self.open_alerts: dict[str, dict[str, Any]] = {}
        self.engine = Engine(config.catalogue)
        self.risks = PersonRisks(config.scorecard)

    def process(self, partition: int, records: Sequence[Received]) -> Outputs:
        """Fold records, which must be in the order of their offsets, and close the seconds that are due."""
        out = Outputs()
        ledgers: dict[str, dict[str, Any]] = {}
        for record in records:
            row = ledgers.get(record.source)
            if row is None:
                row = ledgers[record.source] = self._ledger(partition, record)
            row["offset_to"] = record.offset
            row["records"] += 1
            refusal, event = self._admit(record)
            if refusal is None or refusal.reason == "late":
                row["accepted"] += 1
                row["observations"] += len(getattr(event, "detections", ())) or 1
            if refusal is not None:
                row["late" if refusal.reason == "late" else "quarantined"] += 1
                out.quarantine.append(self._quarantined(partition, record, refusal))
        self._close(out)
        for row in ledgers.values():
            row["clock"] = self.clock_ms
        out.ledger += ledgers.values()
        return out

    # -- entry --------------------------------------------------------------------------------
    def _ledger(self, partition: int, record: Received) -> dict[str, Any]:
        counts = dict.fromkeys(("records", "accepted", "late", "quarantined", "observations"), 0)
        place = {"facility": self.facility, "source": record.source, "topic_partition": partition}
        return {**place, "offset_from": record.offset, "offset_to": record.offset, **counts, "clock": 0}

    def _quarantined(self, partition: int, record: Received, refusal: Refusal) -> dict[str, Any]:
        payload = record.payload or b""
        return {
            "quarantine_id": content_id("stream", partition, record.offset, record.received_at),
            "stage": "stream",
            "source": record.source,
            "facility": self.facility,
            "reason": refusal.reason,
            "detail": refusal.detail,
            "landed": refusal.reason == "late",
            "received_at": record.received_at,
            "topic_partition": partition,
            "topic_offset": record.offset,
            "raw": payload[:RAW_BYTES],
            "raw_size": len(payload),
            "raw_digest": hashlib.blake2b(payload, digest_size=16).hexdigest(),
            "blob": "",
        }

    def _admit(self, record: Received) -> tuple[Refusal | None, Any]:
        event = decode(self.key, record.payload)
        if isinstance(event, Refusal):
            return event, None
        refusal = check_time(event, record.received_at, self.config.ahead_ms)
        if refusal is not None:
            return refusal, event
        name = type(event).__name__
        if name == "SitePlan":
            self.admitting = Plan(event)
            if self.world is None:
                self._begin(self.admitting, event.event_time)
        elif self.admitting is None:
            return Refusal("unknown_facility", "no site plan of this facility was posted yet; post it first"), event
        else:
            refusal = check_place(event, self.admitting)
            if refusal is not None:
                return refusal, event
        assert record.payload is not None  # decode() refused it otherwise
        second = event.event_time // 1000
        digest = digest_of(record.payload)
        if digest in self.digests.get(second, ()):
            return Refusal("duplicate", "the same record was posted before"), event
        if second < self.closed_s:
            behind = (self.closed_s * 1000 - event.event_time) / 1000
            return Refusal("late", f"its second was closed {behind:.1f} s ago; the batch recomputation has it"), event
        self.digests.setdefault(second, set()).add(digest)
        self.clock_ms = max(self.clock_ms, event.event_time)
        if name == "Watermark":
            self.clock_ms = max(self.clock_ms, event.complete_to + self.config.lateness_ms)
        else:
            self.pending.setdefault(second, []).append(Pending(event.event_time, digest, record.payload, event))
        self.closed_s = max(self.closed_s, (self.clock_ms - self.config.lateness_ms) // 1000)
        return None, event

    def _begin(self, plan: Plan, event_time: int) -> None:
        second = event_time // 1000
        self.world = World(plan, since_s=second)
        self.clock_ms, self.closed_s, self.heard_s = event_time, second, second
        self.done_s = second

    # -- decision -----------------------------------------------------------------------------
    def _close(self, out: Outputs) -> None:
        if self.world is None:
            return
        while self.done_s < self.closed_s:
            second = self.done_s
            waiting = sorted(self.pending.pop(second, ()))
            if waiting:
                self.heard_s = second
            elif second - self.heard_s > SILENCE_S:
                later = [s for s in self.pending if s < self.closed_s]
                self.done_s = min(later, default=self.closed_s)
                continue
            self._decide(self.world, second, [p.event for p in waiting], out)
            self.done_s = second + 1
        horizon = self.closed_s - DUPLICATE_S
        for second in [s for s in self.digests if s < horizon]:
            del self.digests[second]

    def _decide(self, world: World, second: int, events: list[Any], out: Outputs) -> None:
        sheet = features_of(world, second, events, self.engine.running())
        minute, day = world.plan.local(second)
        self.engine.compile(world.plan.profile, day)
        raised = [self._alert(sheet, c, out) for c in self.engine.step(second, minute, sheet.grids)]
        contexts = {e.subject for e in events if type(e).__name__ == "PersonContext"}
        rows = self.risks.update(self.facility, world.persons, contexts, [r for r in raised if r is not None], second)
        out.risk += rows
        if second % 60 == 0:
            forget(world, second)

    def _alert(self, sheet: Sheet, change: Change, out: Outputs) -> dict[str, Any] | None:
        """Write the step of an alert; returns the row where it was raised."""
        grid = sheet.grids[change.grain]
        if change.ended_s is None:
            row = alert_row(sheet.world, self.facility, change, grid, sheet.second)
            self.open_alerts[row["alert_id"]] = row
            out.alert.append(row)
            return row
        opened = self.open_alerts.pop(alert_id(self.facility, change, grid))
        out.alert.append({**opened, "step": "cleared", "cleared": change.ended_s * 1000})
        return None
