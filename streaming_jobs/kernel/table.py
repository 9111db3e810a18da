"""The timers of a grain with the names of their entities, and what survives a change of the rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from streaming_jobs.kernel.timers import FIELDS, Timers

_SWEEP_EVERY = 64  # rows beyond twice the running ones before idle rows are dropped


class TimerTable:
    """Timer cells by entity key and rule id. Only entities of which something runs, or did lately, have a row."""

    def __init__(self, rules: Sequence[str]) -> None:
        self.rules = tuple(rules)
        self.keys: list[str] = []
        self.index: dict[str, int] = {}
        self.cells = Timers.empty(0, len(self.rules))
        self._running: list[str] | None = None

    def rows(self, keys: Sequence[str]) -> npt.NDArray[np.intp]:
        """Row numbers of keys (E,), made where they are new."""
        fresh = [key for key in keys if key not in self.index]
        if fresh:
            for key in fresh:
                self.index[key] = len(self.keys)
                self.keys.append(key)
            more = Timers.empty(len(fresh), len(self.rules))
            self.cells = Timers(*(np.concatenate([getattr(self.cells, name), getattr(more, name)]) for name in FIELDS))
        return np.array([self.index[key] for key in keys], dtype=np.intp)

    def running(self) -> list[str]:
        """Keys that need a verdict in every second."""
        if self._running is None:
            self._running = [self.keys[i] for i in np.flatnonzero(self.cells.running())]
        return self._running

    def put(self, rows: npt.NDArray[np.intp], cells: Timers, second: int) -> None:
        """Write the cells of some rows, then drop rows in which nothing runs and no cooldown is left."""
        self.cells.put(rows, cells)
        self._running = None
        if len(self.keys) <= _SWEEP_EVERY:
            return
        wanted = self.cells.running() | (self.cells.quiet_until > second).any(axis=1)
        if len(self.keys) > 2 * int(wanted.sum()) + _SWEEP_EVERY:
            self.keys = [key for key, stays in zip(self.keys, wanted, strict=True) if stays]
            self.index = {key: i for i, key in enumerate(self.keys)}
            self.cells = self.cells.take(wanted)

    def for_rules(self, rules: Sequence[str]) -> TimerTable:
        """The same timers under another set of rules: new rules start empty, removed ones lose theirs."""
        if tuple(rules) == self.rules:
            return self
        moved = TimerTable(rules)
        moved.keys, moved.index = self.keys, self.index
        moved.cells = Timers.empty(len(self.keys), len(rules))
        for column, rule in enumerate(rules):
            if rule in self.rules:
                old = self.rules.index(rule)
                for name in FIELDS:
                    getattr(moved.cells, name)[:, column] = getattr(self.cells, name)[:, old]
        return moved
