"""One second through all rules of all grains: verdicts, timers, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from streaming_jobs.catalogue import Catalogue, Rule
from streaming_jobs.features.feature import GRAINS, Grain
from streaming_jobs.features.sheet import Grid
from streaming_jobs.kernel.predicates import Compiled, compile_rules, evaluate
from streaming_jobs.kernel.table import TimerTable
from streaming_jobs.kernel.timers import Transitions, advance

Verdict = Literal["violation", "unobservable"]


@dataclass(frozen=True)
class Change:
    """An alert was raised (``ended_s`` is None) or cleared. Times in s; ``row`` is the grid's row."""

    rule: Rule
    grain: Grain
    row: int
    verdict: Verdict
    onset_s: int
    ended_s: int | None


class Engine:
    """The rules of a catalogue on one facility. Pure: the same grids give the same changes."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.tables: dict[Grain, TimerTable] = {}
        self.compiled: dict[Grain, Compiled] = {}
        self._compiled_for: tuple[str, date] | None = None

    def compile(self, profile: str, on: date) -> None:
        """Make ready for a day and a threshold profile; timers of rules that stay are kept.

        Raises:
            ValueError: a rule has no value of a parameter on that day.
        """
        if self._compiled_for == (profile, on):
            return
        for grain in GRAINS:
            compiled = compile_rules(self.catalogue.rules, grain, profile, on)
            ids = [rule.id for rule in compiled.rules]
            self.compiled[grain] = compiled
            self.tables[grain] = self.tables.get(grain, TimerTable(ids)).for_rules(ids)
        self._compiled_for = (profile, on)

    def running(self) -> dict[Grain, Sequence[str]]:
        """Keys of each grain that need a verdict in this second whether or not they are seen."""
        return {grain: self.tables[grain].running() if grain in self.tables else [] for grain in GRAINS}

    def step(self, second: int, minute: int, grids: dict[Grain, Grid]) -> list[Change]:
        """Changes of one second, in a fixed order.

        Args:
            second: event time, s. minute: local minute of the day.
        """
        changes: list[Change] = []
        for grain in GRAINS:
            compiled, table, grid = self.compiled[grain], self.tables[grain], grids[grain]
            if not compiled.rules or not grid.keys:
                continue
            rows = table.rows(grid.keys)
            cells = table.cells.take(rows)
            moved = advance(compiled, cells, evaluate(compiled, grid.values, minute), second)
            table.cells.put(rows, cells)
            table.sweep(second)
            if moved.any:
                changes += _changes(compiled, moved, second)
        return changes


def _changes(compiled: Compiled, moved: Transitions, second: int) -> list[Change]:
    def change(cell: Sequence[int], verdict: Verdict, onset: int, ended: int | None) -> Change:
        return Change(compiled.rules[cell[1]], compiled.grain, int(cell[0]), verdict, int(onset), ended)

    return [
        *(change(c, "violation", o, None) for c, o in zip(moved.raised, moved.raised_onset, strict=True)),
        *(change(c, "unobservable", o, None) for c, o in zip(moved.blinded, moved.blinded_onset, strict=True)),
        *(
            change(c, "violation", o, int(e))
            for c, o, e in zip(moved.cleared, moved.cleared_onset, moved.cleared_at, strict=True)
        ),
        *(change(c, "unobservable", o, second) for c, o in zip(moved.sighted, moved.sighted_onset, strict=True)),
    ]
