"""Random linked tables: tiers x classes x months with windows, published month after month, with corrections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from batch_jobs.disclosure.cells import Cells, Flags, Protection
from quality.attack.reader import Statement

Name = tuple[str, str, str, int]
"""Unit, class (or ``all``), period (``month`` or ``window``), month."""


@dataclass
class Country:
    """Counts of facilities by class and month, and what is published of them."""

    rng: np.random.Generator
    protection: Protection
    parents: dict[str, str] = field(default_factory=dict)
    """Facility to city, city to province, province to nation."""

    def __post_init__(self) -> None:
        rng = self.rng
        for p in range(rng.integers(1, 3)):
            self.parents[f"p{p}"] = "n"
            for c in range(rng.integers(1, 3)):
                self.parents[f"p{p}c{c}"] = f"p{p}"
                for f in range(rng.integers(1, 4)):
                    self.parents[f"p{p}c{c}f{f}"] = f"p{p}c{c}"
        self.facilities = [unit for unit in self.parents if "f" in unit]
        self.classes = [f"k{k}" for k in range(rng.integers(2, 4))]
        self.months, self.window = int(rng.integers(3, 6)), int(rng.integers(2, 4))
        self.public_totals = bool(rng.random() < 0.3)
        self.class_of_facility_hidden = bool(rng.random() < 0.2)
        mean = rng.uniform(0.3, 4.0)
        self.counts = {
            (f, k): rng.poisson(mean * rng.uniform(0, 2), self.months) for f in self.facilities for k in self.classes
        }

    def correct(self) -> None:
        """One past count turns out to be another."""
        key = list(self.counts)[self.rng.integers(len(self.counts))]
        self.counts[key] = self.counts[key].copy()
        self.counts[key][self.rng.integers(self.months - 1)] = self.rng.integers(0, 6)

    def _under(self, unit: str) -> list[str]:
        children = [child for child, parent in self.parents.items() if parent == unit]
        return [f for child in children for f in self._under(child)] if children else [unit]

    def tables(self, months: int) -> tuple[list[Name], Cells]:
        """Names and cells of the first months' tables."""
        units = ["n", *self.parents]
        names: list[Name] = [
            (u, k, period, m)
            for u in units
            for k in [*self.classes, "all"]
            for period in ("month", "window")
            for m in range(months)
            if period == "month" or m >= self.window - 1
        ]
        place = {name: i for i, name in enumerate(names)}
        values = np.array([self._value(name) for name in names], dtype=np.int64)
        sums: list[tuple[int, list[int]]] = []
        for unit, k, period, m in names:
            here = place[unit, k, period, m]
            children = [child for child, parent in self.parents.items() if parent == unit]
            if children:
                sums.append((here, [place[c, k, period, m] for c in children]))
            if k == "all":
                sums.append((here, [place[unit, c, period, m] for c in self.classes]))
            if period == "window":
                sums.append((here, [place[unit, k, "month", m - w] for w in range(self.window)]))
        rows = [np.array([total, *parts]) for total, parts in sums]
        relations = csr_array(
            (
                np.concatenate([[-1] + [1] * (len(row) - 1) for row in rows]).astype(np.int64),
                np.concatenate(rows),
                np.cumsum([0] + [len(row) for row in rows]),
            ),
            shape=(len(rows), len(names)),
        )
        fine = np.array(["f" in unit or "c" in unit for unit, *_ in names])
        total = np.array([k == "all" for _, k, *_ in names])
        public = total & self.public_totals
        hidden = np.array([self.class_of_facility_hidden and "f" in unit and k != "all" for unit, k, *_ in names])
        return names, Cells(
            values=values,
            relations=relations,
            public=public,
            hidden=hidden,
            sensitive=self.protection.small(values) & fine & ~public & ~hidden,
            rank=np.array([0 if "f" in unit or "c" in unit else 1 for unit, *_ in names]),
            weight=1.0 + values,
            floor=np.zeros(len(names), dtype=np.int64),
        )

    def _value(self, name: Name) -> int:
        unit, k, period, m = name
        months = slice(m - self.window + 1, m + 1) if period == "window" else slice(m, m + 1)
        classes = self.classes if k == "all" else [k]
        return sum(int(self.counts[f, c][months].sum()) for f in self._under(unit) for c in classes)

    def publications(self) -> Iterator[tuple[list[str], Cells]]:
        """The tables of two months after one another; before the second, a past count may be corrected."""
        for months in (self.months - 1, self.months):
            names, cells = self.tables(months)
            yield ["|".join(map(str, name)) for name in names], cells
            if self.rng.random() < 0.5:
                self.correct()


def statements_of(cells: Cells, withheld: Flags) -> list[Statement[int]]:
    """The sums as a reader sees them who is shown all but the withheld and the hidden cells."""
    unknown = withheld | cells.hidden
    found = []
    for row in range(cells.relations.shape[0]):
        entries = slice(cells.relations.indptr[row], cells.relations.indptr[row + 1])
        index, factor = cells.relations.indices[entries], cells.relations.data[entries]
        gone = unknown[index]
        if gone.any():
            known = int((factor[~gone] * cells.values[index[~gone]]).sum())
            found.append(Statement(dict(zip(index[gone].tolist(), factor[gone].tolist(), strict=True)), -known))
    return found
