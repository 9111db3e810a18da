"""Spoiling a stream the way the outside world does: each kind of bad record, and what should become of it.

Bad records are added between the good ones, which all stay: so the records that end in quarantine
are exactly those that were injected.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
import numpy as np

from infra.settings import UserError
from ingestion.contracts.derived import QuarantineReason
from ingestion.sources.record import Record

FIRST = 500
"""Good records before the first bad one, so that there is something to repeat and to be late to."""
GAP = (20, 120)
"""Good records between two bad ones."""
TOO_LARGE_BYTES = 10 * 1024 * 1024
YEAR_MS = 31_557_600_000
HOUR_MS = 3_600_000
LATE_MS = 15_000


@dataclass(frozen=True)
class Injected:
    """A bad record: its kind, its place among all records given, and the reason it should be refused for."""

    kind: str
    index: int
    reason: QuarantineReason
    facility: str
    source: str | None


@dataclass
class _Material:
    """Good records to make bad ones from."""

    frame: Record
    """A recent frame with somebody in it."""
    old: Record
    """A frame more than ``LATE_MS`` older."""
    now_ms: int
    """Wall clock."""

    def changed(self, change: Callable[[dict[str, Any]], object], record: Record | None = None) -> Record:
        base = self.frame if record is None else record
        event = cast(dict[str, Any], msgspec.json.decode(base.value))
        change(event)
        return Record(base.key, msgspec.json.encode(event), source=base.source)

    def with_bytes(self, value: bytes) -> Record:
        return Record(self.frame.key, value, source=self.frame.source)


def _first(event: dict[str, Any]) -> dict[str, Any]:
    return cast(dict[str, Any], event["detections"][0])


KINDS: dict[str, tuple[QuarantineReason, Callable[[_Material], Record]]] = {
    "malformed_json": ("malformed_json", lambda m: m.with_bytes(m.frame.value[: len(m.frame.value) // 2])),
    "wrong_type": ("contract", lambda m: m.changed(lambda e: e.update(event_time=str(e["event_time"])))),
    "unknown_field": ("contract", lambda m: m.changed(lambda e: e.update(mood="good"))),
    "missing_field": ("contract", lambda m: m.changed(lambda e: e.pop("device"))),
    "unknown_zone": ("unknown_zone", lambda m: m.changed(lambda e: _first(e).update(zone="Z-404"))),
    "unknown_device": ("unknown_device", lambda m: m.changed(lambda e: e.update(device="cam-404"))),
    "unknown_facility": (
        "unknown_facility",
        lambda m: Record(b"999999", m.changed(lambda e: e.update(facility="999999")).value, source=m.frame.source),
    ),
    "impossible_coordinates": ("impossible_coordinates", lambda m: m.changed(lambda e: _first(e).update(x=250_000.0))),
    "ahead_of_time": (
        "ahead_of_time",
        lambda m: m.changed(lambda e: e.update(event_time=m.now_ms + 10 * YEAR_MS)),
    ),
    "duplicate": ("duplicate", lambda m: m.frame),
    "late": ("late", lambda m: m.changed(lambda e: e.update(detections=[]), m.old)),
    "no_key": ("no_key", lambda m: Record(None, m.frame.value, source=m.frame.source)),
    "not_utf8": ("not_utf8", lambda m: m.with_bytes(m.frame.value.replace(b'"track":"', b'"track":"\xff\xfe', 1))),
    "too_large": ("too_large", lambda m: m.changed(lambda e: e.update(device="x" * TOO_LARGE_BYTES))),
    "refused_by_broker": (
        "refused_by_broker",
        lambda m: Record(m.frame.key, m.frame.value, m.now_ms + 2 * HOUR_MS, m.frame.source),
    ),
    "key_mismatch": ("key_mismatch", lambda m: Record(b"000000", m.frame.value, source=m.frame.source)),
}
"""Every kind of bad record: the reason of its quarantine, and how it is made."""


@dataclass
class Corrupted:
    """An iterator over good and bad records; ``injected`` says which were bad, as far as it was read."""

    records: Iterable[Record]
    seed: int
    kinds: Sequence[str]
    each: int
    now_ms: int
    injected: list[Injected] = field(default_factory=list)

    def __iter__(self) -> Iterator[Record]:
        rng = np.random.default_rng(self.seed)
        order = [str(kind) for _ in range(self.each) for kind in rng.permutation(list(self.kinds))]
        waiting = FIRST
        frames: dict[bytes | None, list[tuple[int, Record]]] = {}
        index = 0
        for record in self.records:
            yield record
            index += 1
            waiting -= 1
            if not order:
                continue
            if record.source in (None, "video") and b'"detections":[{' in record.value:
                _remember(frames.setdefault(record.key, []), record)
            material = _material(frames.get(record.key, []), record, self.now_ms)
            if waiting > 0 or material is None:
                continue
            kind = order.pop(0)
            reason, make = KINDS[kind]
            bad = make(material)
            yield bad
            facility = "" if bad.key is None else bad.key.decode()
            self.injected.append(Injected(kind, index, reason, facility, bad.source))
            index += 1
            waiting = int(rng.integers(*GAP))


def _remember(frames: list[tuple[int, Record]], record: Record) -> None:
    """Keep a facility's frames of the last twenty seconds or so, one a second."""
    t = int(msgspec.json.decode(record.value)["event_time"])
    if not frames or t - frames[-1][0] >= 1000:
        frames.append((t, record))
        if len(frames) > 25:
            del frames[0]


def _material(frames: list[tuple[int, Record]], record: Record, now_ms: int) -> _Material | None:
    old = next((r for t, r in reversed(frames) if frames[-1][0] - t >= LATE_MS), None)
    return None if old is None or record.key is None else _Material(frames[-1][1], old, now_ms)


def corrupt(
    records: Iterable[Record],
    seed: int = 1,
    kinds: Sequence[str] = tuple(KINDS),
    *,
    each: int = 1,
    now_ms: int | None = None,
) -> Corrupted:
    """Add ``each`` bad records of every kind to a stream.

    Args:
        records: good records; at least twenty seconds of frames of a facility come before the first bad one.
        now_ms: wall clock against which "ahead of time" is meant; the present if none is given.

    Raises:
        UserError: a kind that does not exist.
    """
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise UserError(
            f"no kind of bad record is named {unknown[0]!r}", where="kinds", do=f"use some of: {', '.join(KINDS)}"
        )
    return Corrupted(records, seed, kinds, each, int(time.time() * 1000) if now_ms is None else now_ms)
