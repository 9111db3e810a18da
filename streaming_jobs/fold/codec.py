"""The fold's state as versioned, compact bytes: msgpack with arrays as raw bytes, compressed by zstd.

Digests stand beside it as they are: they do not compress, and those of closed seconds are packed once.

A state carries the rules and columns it was written under by name, so that it opens under a later
catalogue: new rules start empty, removed ones lose their own timers only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import msgspec
import numpy as np
import zstandard

from infra.settings import SafeholdError
from ingestion.contracts import SitePlan
from ingestion.contracts.schemas import struct_of
from streaming_jobs.catalogue.deployed import Own
from streaming_jobs.features.feature import Grain
from streaming_jobs.features.world import ENTITY_COLUMNS, Fault, Person, Plan, World
from streaming_jobs.fold.admit import DECODER
from streaming_jobs.fold.envelope import Received
from streaming_jobs.fold.facility import FacilityFold, FoldConfig, Pending, digest_of
from streaming_jobs.fold.rules import FacilityRules
from streaming_jobs.kernel.engine import slot_of
from streaming_jobs.kernel.table import TimerTable
from streaming_jobs.kernel.timers import FIELDS, Timers

VERSION = 4
_LEVEL = 1  # a fifth of deflate's time for a smaller result


class _Timers(msgspec.Struct):
    rules: list[str]
    keys: list[str]
    cells: dict[str, bytes]


class _World(msgspec.Struct):
    plan: bytes
    since_s: int
    entity_keys: list[str]
    entity_columns: dict[str, bytes]
    persons: dict[str, Person]
    frame_s: dict[str, int]
    camera_state: dict[str, str]
    domains: dict[str, bytes]
    faults: dict[str, Fault] = {}


class _Rules(msgspec.Struct):
    """Changes of rules, what was reported of them, what was set aside, and the day they were made ready for."""

    changed: dict[str, Own] = {}
    seen: list[str] = []
    number: int = 0
    reported: dict[str, tuple[str, str, str]] = {}
    raised: dict[str, str] = {}
    versions: dict[str, int] = {}
    ready_for: tuple[str, date] | None = None


class _State(msgspec.Struct):
    key: bytes | None
    clock_ms: int
    closed_s: int
    heard_s: int
    done_s: int
    admitting: bytes | None
    pending: list[Received]
    world: _World | None
    timers: dict[str, _Timers]
    open_alerts: dict[str, dict[str, Any]]
    people: bytes = b""
    rules: _Rules = msgspec.field(default_factory=lambda: _Rules())


class _Saved(msgspec.Struct, array_like=True):
    """``digests``: by second, eight bytes each in ascending order. ``body``: a compressed state."""

    version: int
    digests: dict[int, bytes] = {}
    body: bytes = b""


_PLAN = msgspec.json.Decoder(struct_of(SitePlan))
_STATE = msgspec.msgpack.Decoder(_State)
_SAVED = msgspec.msgpack.Decoder(_Saved)


def _write_world(world: World) -> _World:
    return _World(
        plan=world.plan.packed,
        since_s=world.since_s,
        entity_keys=world.entities.keys,
        entity_columns={name: world.entities[name].tobytes() for name in ENTITY_COLUMNS},
        persons=world.persons,
        frame_s=world.frame_s,
        camera_state=world.camera_state,
        domains={name: msgspec.msgpack.encode(state) for name, state in world.domains.items()},
        faults=world.faults,
    )


def _read_world(data: _World, states: Mapping[str, type[msgspec.Struct]]) -> World:
    world = World(Plan(_PLAN.decode(data.plan)), since_s=data.since_s)
    for key in data.entity_keys:
        world.entities.row(key)
    for name, raw in data.entity_columns.items():
        if name in ENTITY_COLUMNS:
            world.entities[name][:] = np.frombuffer(raw, dtype=ENTITY_COLUMNS[name][0])
    world.persons, world.frame_s, world.camera_state = data.persons, data.frame_s, data.camera_state
    world.domains = {
        name: msgspec.msgpack.decode(raw, type=states[name]) for name, raw in data.domains.items() if name in states
    }
    world.faults = {name: fault for name, fault in data.faults.items() if name in states}
    return world


def _write_timers(table: TimerTable) -> _Timers:
    cells = {name: getattr(table.cells, name).tobytes() for name in FIELDS}
    return _Timers(rules=list(table.rules), keys=table.keys, cells=cells)


def _read_timers(data: _Timers) -> TimerTable:
    table = TimerTable(data.rules)
    table.keys, table.index = data.keys, {key: i for i, key in enumerate(data.keys)}
    shape = (len(data.keys), len(data.rules))
    table.cells = Timers(*(np.frombuffer(data.cells[name], dtype=np.int64).reshape(shape).copy() for name in FIELDS))
    return table


def _write_rules(rules: FacilityRules) -> _Rules:
    engine = rules.engine
    versions = {slot_of(r.id, r.mode): r.version for r in engine.rules if slot_of(r.id, r.mode) in engine.raised}
    return _Rules(rules.changed, rules.seen, rules.number, rules.reported, engine.raised, versions, engine.ready_for)


def _read_rules(data: _Rules, rules: FacilityRules) -> None:
    rules.changed, rules.seen, rules.number, rules.reported = data.changed, data.seen, data.number, data.reported
    rules.choose()
    engine = rules.engine
    for rule in engine.rules:  # a rule that raised is tried again only as another version
        slot = slot_of(rule.id, rule.mode)
        if slot in data.raised and data.versions.get(slot) == rule.version:
            engine.set_aside(rule, data.raised[slot])
    engine.ready_for = data.ready_for


def encode_state(fold: FacilityFold) -> bytes:
    """The state of a fold, between two calls of ``process``."""
    state = _State(
        key=fold.key,
        clock_ms=fold.clock_ms,
        closed_s=fold.closed_s,
        heard_s=fold.heard_s,
        done_s=fold.done_s,
        admitting=None if fold.admitting is None else fold.admitting.packed,
        pending=[p.record for second in sorted(fold.pending) for p in fold.pending[second]],
        world=None if fold.world is None else _write_world(fold.world),
        timers={grain: _write_timers(table) for grain, table in fold.engine.tables.items()},
        open_alerts=fold.open_alerts,
        people=fold.people.saved(),
        rules=_write_rules(fold.rules),
    )
    body = zstandard.ZstdCompressor(_LEVEL).compress(msgspec.msgpack.encode(state))
    return msgspec.msgpack.encode(_Saved(VERSION, {s: _pack(fold, s) for s in fold.digests}, body))


def _pack(fold: FacilityFold, second: int) -> bytes:
    packed = fold.packed.get(second)
    if packed is None:
        packed = np.sort(np.fromiter(fold.digests[second], dtype="<i8")).tobytes()
        if second < fold.closed_s:
            fold.packed[second] = packed
    return packed


def decode_state(data: bytes, config: FoldConfig) -> FacilityFold:
    """A fold that goes on where the state was written.

    Raises:
        SafeholdError: the state was written by a version of this code that is not known here.
    """
    try:
        saved = _SAVED.decode(data)
    except msgspec.MsgspecError:
        saved = _Saved(0)  # before version 2 it began otherwise
    if saved.version != VERSION:
        raise SafeholdError(
            f"the saved state has version {saved.version or 'unknown'}, this code reads version {VERSION}",
            where="the job's checkpoint or savepoint",
            do="run the release that wrote it, or replay the topic into a new instance",
        )
    state = _STATE.decode(zstandard.ZstdDecompressor().decompress(saved.body))
    fold = FacilityFold(state.key, config)
    fold.clock_ms, fold.closed_s = state.clock_ms, state.closed_s
    fold.heard_s, fold.done_s = state.heard_s, state.done_s
    fold.admitting = None if state.admitting is None else Plan(_PLAN.decode(state.admitting))
    for record in state.pending:
        assert record.payload is not None  # it was admitted
        event = DECODER.decode(record.payload)
        one = Pending(event.event_time, digest_of(record.payload), record, event)
        fold.pending.setdefault(event.event_time // 1000, []).append(one)
    fold.digests = {second: set(np.frombuffer(raw, dtype="<i8").tolist()) for second, raw in saved.digests.items()}
    fold.world = None if state.world is None else _read_world(state.world, config.wiring.states)
    fold.engine.tables = {cast(Grain, grain): _read_timers(t) for grain, t in state.timers.items()}
    fold.open_alerts = state.open_alerts
    fold.people.restore(state.people)
    _read_rules(state.rules, fold.rules)
    if fold.world is not None:
        fold.rules.note_faults(fold.world.faults)
    return fold
