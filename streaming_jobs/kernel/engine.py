"""One second through all rules of all grains: verdicts, timers, and what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from streaming_jobs.catalogue import Rule
from streaming_jobs.faults import said
from streaming_jobs.features.feature import GRAINS, Grain
from streaming_jobs.features.snapshot import Rows, Snapshot, completed
from streaming_jobs.kernel.predicates import FALSE, TRUE, Bytes, Compiled, compile_rules, evaluate
from streaming_jobs.kernel.table import TimerTable
from streaming_jobs.kernel.timers import FIELDS, Timers, Transitions, advance

Verdict = Literal["violation", "unobservable"]


def slot_of(rule_id: str, mode: str) -> str:
    """The name of a rule's timers. A version in shadow has its own, so that it may run beside the active one."""
    return f"{rule_id}~shadow" if mode == "shadow" else rule_id


@dataclass(frozen=True)
class Change:
    """An alert was raised (``ended_s`` is None) or cleared. Times in s; ``values`` (F,) are the entity's features."""

    rule: Rule
    grain: Grain
    key: str
    values: npt.NDArray[np.float64]
    verdict: Verdict
    onset_s: int
    ended_s: int | None


class Engine:
    """Rules on one facility. Pure: the same snapshots give the same changes.

    A rule that cannot be compiled on a day, or raises, is set aside in ``faults`` (by slot: what is
    wrong), and the others go on. One that raised stays aside until :meth:`set_rules` changes it or
    :meth:`forgive` is called; one that cannot be compiled is tried again with the next day or profile.
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self.rules: tuple[Rule, ...] = ()
        self.tables: dict[Grain, TimerTable] = {}
        self.compiled: dict[Grain, Compiled] = {}
        self.ready_for: tuple[str, date] | None = None
        self.faults: dict[str, str] = {}
        self.raised: dict[str, str] = {}
        self.unreported = False  # whether ready() did something since take_dropped() was called
        self._dropped: list[str] = []
        self._stale = True
        self.set_rules(rules)

    def set_rules(self, rules: Iterable[Rule]) -> None:
        """Other rules from the next :meth:`ready` on."""
        before = {slot_of(rule.id, rule.mode): rule.version for rule in self.rules}
        self.rules = tuple(rules)
        now = {slot_of(rule.id, rule.mode): rule.version for rule in self.rules}
        self.raised = {slot: fault for slot, fault in self.raised.items() if before.get(slot) == now.get(slot)}
        self._stale = True

    def forgive(self, slot: str) -> None:
        """Try a rule that raised once more."""
        self._stale |= self.raised.pop(slot, None) is not None

    def set_aside(self, rule: Rule, fault: str) -> None:
        """Leave a rule out from the next :meth:`ready` on."""
        self.raised[slot_of(rule.id, rule.mode)] = fault
        self._stale = True

    def is_ready(self, profile: str, on: date) -> bool:
        """Whether :meth:`ready` would change nothing."""
        return not self._stale and self.ready_for == (profile, on)

    def ready(self, profile: str, on: date) -> None:
        """Compile for a threshold profile and a day; timers of rules that stay are kept."""
        if self.is_ready(profile, on):
            return
        usable, self.faults = [], dict(self.raised)
        for rule in self.rules:
            slot = slot_of(rule.id, rule.mode)
            if rule.mode == "disabled" or slot in self.raised:
                continue
            try:
                # Alone, so that a faulty rule cannot spoil the arrays of the others.
                compile_rules((rule,), rule.grain, profile, on)
                usable.append(rule)
            except Exception as error:
                self.faults[slot] = said(error)
        for grain in GRAINS:
            compiled = compile_rules(tuple(usable), grain, profile, on)
            slots = [slot_of(rule.id, rule.mode) for rule in compiled.rules]
            table = self.tables.get(grain, TimerTable(slots))
            self._dropped += [slot for slot in table.rules if slot not in slots]
            self.compiled[grain], self.tables[grain] = compiled, table.for_rules(slots)
        self.ready_for, self._stale, self.unreported = (profile, on), False, True

    def take_dropped(self) -> list[str]:
        """Slots that lost their timers since the last call: their rules are gone, set aside or of another grain."""
        dropped, self._dropped, self.unreported = self._dropped, [], False
        return dropped

    def step(self, second: int, minute: int, snapshot: Snapshot) -> list[Change]:
        """Changes of one second, in a fixed order; a rule that raises is set aside.

        Args:
            second: event time, s. minute: local minute of the day.
        """
        changes: list[Change] = []
        for grain in GRAINS:
            if not self.compiled[grain].rules:
                continue
            rows, certain = completed(snapshot, grain, self.tables[grain].running())
            if not rows.keys:
                continue
            try:
                changes += self._step(grain, rows, certain, minute, second)
            except Exception as error:
                if not self._set_aside_faulty(grain, rows, certain, minute, second):
                    raise error
                changes += self._step(grain, rows, certain, minute, second)
        return changes

    def _step(self, grain: Grain, rows: Rows, certain: int, minute: int, second: int) -> list[Change]:
        compiled, table = self.compiled[grain], self.tables[grain]
        verdict = _judge(compiled, rows, certain, minute)
        moving = _moving(compiled, verdict)
        if running := table.running():
            number = {key: i for i, key in enumerate(rows.keys)}
            moving[[number[key] for key in running]] = True
        chosen = np.flatnonzero(moving)
        if not len(chosen):
            return []
        places = table.rows([rows.keys[i] for i in chosen])
        cells = table.cells.take(places)
        moved = _advance(compiled, cells, verdict[chosen], second)
        table.put(places, cells, second)
        return _changes(compiled, moved, rows, chosen, second) if moved.any else []

    def _set_aside_faulty(self, grain: Grain, rows: Rows, certain: int, minute: int, second: int) -> bool:
        """Try each rule of a grain alone and set those aside that raise; returns whether there was one."""
        assert self.ready_for is not None
        table = self.tables[grain]
        places = table.rows(rows.keys)
        cells = table.cells.take(places)
        found = False
        for number, rule in enumerate(self.compiled[grain].rules):
            alone = compile_rules((rule,), grain, *self.ready_for)
            own = Timers(*(getattr(cells, name)[:, [number]] for name in FIELDS))
            try:
                _advance(alone, own, _judge(alone, rows, certain, minute), second)
            except Exception as error:
                self.set_aside(rule, said(error))
                found = True
        self.ready(*self.ready_for)
        return found


# A number that overflows would otherwise only warn, and silently switch a hold or a cooldown off.
_RAISING = partial(np.errstate, over="raise", invalid="raise", divide="raise")


def _judge(compiled: Compiled, rows: Rows, certain: int, minute: int) -> Bytes:
    with _RAISING():
        verdict = evaluate(compiled, rows.values, minute)
    verdict[len(rows.keys) - certain :] = FALSE
    return verdict


def _moving(compiled: Compiled, verdict: Bytes) -> npt.NDArray[np.bool_]:
    """Entities (E,) whose timers a verdict can start; for others nothing happens unless something runs already."""
    told: npt.NDArray[np.bool_] = (verdict + compiled.watched >= TRUE).any(axis=1)
    return told


def _advance(compiled: Compiled, cells: Timers, verdict: Bytes, second: int) -> Transitions:
    with _RAISING():
        return advance(compiled, cells, verdict, second)


def _changes(
    compiled: Compiled, moved: Transitions, rows: Rows, chosen: npt.NDArray[np.intp], second: int
) -> list[Change]:
    """``chosen``: number in ``rows`` of each entity that moved."""

    def change(cell: Sequence[int], verdict: Verdict, onset: int, ended: int | None) -> Change:
        row, rule = int(chosen[cell[0]]), compiled.rules[cell[1]]
        return Change(rule, compiled.grain, rows.keys[row], rows.values[row], verdict, int(onset), ended)

    return [
        *(change(c, "violation", o, None) for c, o in zip(moved.raised, moved.raised_onset, strict=True)),
        *(change(c, "unobservable", o, None) for c, o in zip(moved.blinded, moved.blinded_onset, strict=True)),
        *(
            change(c, "violation", o, int(e))
            for c, o, e in zip(moved.cleared, moved.cleared_onset, moved.cleared_at, strict=True)
        ),
        *(change(c, "unobservable", o, second) for c, o in zip(moved.sighted, moved.sighted_onset, strict=True)),
    ]
