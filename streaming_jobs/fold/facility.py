"""The fold of one facility."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, Self

from ingestion.contracts import content_id
from streaming_jobs.catalogue import (
    RULES_DIR,
    Catalogue,
    CodeRules,
    Scorecard,
    load_catalogue,
    load_code_rules,
    load_scorecards,
)
from streaming_jobs.faults import said
from streaming_jobs.features.compute import WIRING, Wiring, features_of, tell_alerts
from streaming_jobs.features.perceive import forget
from streaming_jobs.features.snapshot import encode, snapshot_of
from streaming_jobs.features.world import Plan, World
from streaming_jobs.fold.admit import Refusal, check_place, check_time, decode
from streaming_jobs.fold.envelope import Received
from streaming_jobs.fold.people import People
from streaming_jobs.fold.rules import FacilityRules
from streaming_jobs.kernel.alerts import alert_id, alert_row
from streaming_jobs.kernel.engine import Change, Engine, slot_of

DUPLICATE_S = 120  # a record that comes again within this event time is a duplicate; later it is late
SILENCE_S = 3600  # a silence is judged second by second for this long; then the clock jumps to its end
RAW_BYTES = 1 << 20


@dataclass(frozen=True)
class FoldConfig:
    """What a fold needs to know beside its records."""

    catalogue: Catalogue
    scorecards: tuple[Scorecard, ...]
    code: CodeRules
    lateness_ms: int
    ahead_ms: int
    features: bool = False  # whether every second's features are written out
    wiring: Wiring = WIRING  # the domains of features

    @classmethod
    def load(cls, lateness_ms: int, ahead_ms: int, *, rules: Path = RULES_DIR, features: bool = False) -> Self:
        """With the rules below a folder, and the cards and code rules of this release."""
        return cls(load_catalogue(rules), load_scorecards(), load_code_rules(), lateness_ms, ahead_ms, features)


@dataclass
class Outputs:
    """Rows for the lake, as their contracts name the fields."""

    ledger: list[dict[str, Any]] = field(default_factory=list)
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    alert: list[dict[str, Any]] = field(default_factory=list)
    risk: list[dict[str, Any]] = field(default_factory=list)
    custody_code: list[dict[str, Any]] = field(default_factory=list)
    rule_status: list[dict[str, Any]] = field(default_factory=list)
    features: list[dict[str, Any]] = field(default_factory=list)
    decided: bool = False  # whether a second was decided or a rule changed, not only records taken in


class Pending(NamedTuple):
    """An admitted event that waits for its second to close.

    Sorting compares time, then content, never arrival; two with the same digest are not admitted.
    """

    event_time: int
    digest: int
    record: Received
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
        self.packed: dict[int, bytes] = {}  # digests of closed seconds as the codec writes them, which stay as they are
        self.open_alerts: dict[str, dict[str, Any]] = {}
        self.engine = Engine()
        self.rules = FacilityRules(config.catalogue, config.scorecards, self.engine)
        self.people = People(config.code)

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
        self._close(partition, out)
        for row in ledgers.values():
            row["clock"] = self.clock_ms
        out.ledger += ledgers.values()
        return out

    def readmit(self, records: Sequence[Received]) -> None:
        """Take in again what was processed after the state was written, where that decided nothing."""
        for record in records:
            self._admit(record)

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
            "landed": refusal.reason in ("late", "domain_fault"),
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
        fault = self.people.codes.fault_of(event)
        if fault is not None:
            return Refusal("contract", fault), event
        if name == "RuleChange":  # it holds from its place in the stream on, whatever the clocks say
            return self.rules.admit(event, self.closed_s), event
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
            self.pending.setdefault(second, []).append(Pending(event.event_time, digest, record, event))
        self.closed_s = max(self.closed_s, (self.clock_ms - self.config.lateness_ms) // 1000)
        return None, event

    def _begin(self, plan: Plan, event_time: int) -> None:
        second = event_time // 1000
        self.world = World(plan, since_s=second)
        self.clock_ms, self.closed_s, self.heard_s = event_time, second, second
        self.done_s = second

    # -- decision -----------------------------------------------------------------------------
    def _close(self, partition: int, out: Outputs) -> None:
        if self.world is None:
            return
        self._make_ready(self.world, self.done_s, out)
        while self.done_s < self.closed_s:
            second = self.done_s
            self._change_rules(self.world, second, out)
            waiting = sorted(self.pending.pop(second, ()))
            if waiting:
                self.heard_s = second
            elif second - self.heard_s > SILENCE_S:
                later = [s for s in self.pending if s < self.closed_s]
                self.done_s = min(later, default=self.closed_s)
                out.decided = True
                continue
            self._decide(self.world, second, partition, waiting, out)
            self.done_s = second + 1
            out.decided = True
        self._change_rules(self.world, self.done_s, out)
        horizon = self.closed_s - DUPLICATE_S
        for second in [s for s in self.digests if s < horizon]:
            del self.digests[second]
            self.packed.pop(second, None)

    def _decide(self, world: World, second: int, partition: int, waiting: list[Pending], out: Outputs) -> None:
        events = [p.event for p in waiting]
        sheet = features_of(world, second, events, self.config.wiring)
        for number, fault in sheet.refused.items():
            refusal = Refusal("domain_fault", f"{fault}; accepted, but of no effect there; report it with its bytes")
            out.quarantine.append(self._quarantined(partition, waiting[number].record, refusal))
        snapshot = snapshot_of(sheet)
        minute, day = world.plan.local(second)
        self._ready(world.plan.profile, day, second, out)
        if self.config.features:
            place = {"facility": self.facility, "at": second * 1000, "minute": minute, "day": day}
            out.features.append({**place, "profile": world.plan.profile, "grids": encode(snapshot)})
        changes = self.engine.step(second, minute, snapshot)
        rows = [row for change in changes if (row := self._alert(world, change, second)) is not None]
        out.alert += rows
        if rows:
            tell_alerts(world, second, rows, self.config.wiring)
        self._ready(world.plan.profile, day, second, out)  # a rule that raised was set aside
        if self.rules.note_faults(world.faults):
            out.rule_status += self.rules.report(self.facility, second, self.config.catalogue.version)
        codes, risks = self.people.update(
            self.facility, world, self.rules.cards, events, rows, self.open_alerts.values(), second, day
        )
        out.custody_code += codes
        out.risk += risks
        if second % 60 == 0:
            forget(world, second)

    def _alert(self, world: World, change: Change, second: int) -> dict[str, Any] | None:
        """The row of an alert's step; None where the rule was set aside over it."""
        if change.ended_s is None:
            try:
                row = alert_row(world, self.facility, change, second)
            except Exception as error:
                self.engine.set_aside(change.rule, said(error))
                return None
            self.open_alerts[row["alert_id"]] = row
            return row
        opened = self.open_alerts.pop(alert_id(self.facility, change), None)
        if opened is None:  # its rule was set aside in this very second
            return None
        return {**opened, "step": "cleared", "cleared": change.ended_s * 1000}

    # -- rules --------------------------------------------------------------------------------
    def _make_ready(self, world: World, second: int, out: Outputs, change: Any = None) -> None:
        """Put the chosen rules in force from a second on, under the profile and day decided on last.

        Only that way does the result not depend on whether a batch ends before that second.
        """
        profile, day = self.engine.ready_for or (world.plan.profile, world.plan.local(second)[1])
        self._ready(profile, day, second, out, change)

    def _change_rules(self, world: World, second: int, out: Outputs) -> None:
        while (due := self.rules.due(second)) is not None:
            since, change = due
            self.rules.apply(change)
            self._make_ready(world, since, out, change)

    def _ready(self, profile: str, day: date, second: int, out: Outputs, change: Any = None) -> None:
        self.engine.ready(profile, day)
        if not self.engine.unreported and change is None:
            return
        dropped = set(self.engine.take_dropped())
        # Nothing stays open for ever because its rule is gone.
        gone = [key for key, row in self.open_alerts.items() if slot_of(row["rule"], row["mode"]) in dropped]
        ended = [{**self.open_alerts.pop(key), "step": "cleared", "cleared": second * 1000} for key in gone]
        out.alert += ended
        if ended and self.world is not None:
            tell_alerts(self.world, second, ended, self.config.wiring)
        out.rule_status += self.rules.report(self.facility, second, self.config.catalogue.version, change)
        out.decided = True
