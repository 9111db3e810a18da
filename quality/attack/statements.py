"""What the published tables say of the numbers that they withhold, as a reader of their descriptions would put it.

Written from what the columns mean, not from the platform's own list of sums. A number is named by its table, unit,
month, breakdown and column, so that one not shown this month and shown last month is the same number to the reader.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from quality.attack.reader import Contradiction, Found, Statement, find

Tables = Mapping[str, pd.DataFrame]
Row = dict[str, Any]
Number = tuple[Any, ...]
"""Table, tier, unit, period, breakdown, column."""

ADDS_UP = {
    "deaths": [
        ("deaths_total", ["deaths_illness", "deaths_unnatural", "deaths_pending", "deaths_unknown"]),
        ("unnatural_low", ["deaths_unnatural"]),
        ("unnatural_high", ["unnatural_low", "deaths_pending", "deaths_unknown"]),
    ],
    "accidents": [("incidents_total", ["minor", "serious", "major"])],
    "accidents_total": [("incidents_total", ["minor", "serious", "major"])],
    "rights": [
        ("person_days", ["solitary_judged", "solitary_unknown"]),
        ("person_days", ["outside_judged", "outside_unknown"]),
        ("outside_judged", ["outside_hour", "outside_short"]),
        (
            "restraints_begun",
            ["restraints_within_time", "restraints_over_time", "restraints_running", "restraints_no_end_stated"],
        ),
        ("lawyer_requests", ["lawyer_judged", "lawyer_not_due", "lawyer_lapsed"]),
        ("lawyer_judged", ["lawyer_in_time", "lawyer_late", "lawyer_not_met"]),
    ],
}
"""Columns that are the sum of others in the same row."""
OF_TWELVE_MONTHS = {
    "deaths": {
        "deaths_12m": "deaths_total",
        "unnatural_low_12m": "deaths_unnatural",
        "unnatural_high_12m": "unnatural_high",
    },
    "accidents": {"incidents_12m": "incidents_total"},
    "accidents_total": {"incidents_12m": "incidents_total"},
}
"""Columns that add up another over twelve months."""
RATE_OF = {
    "deaths": "deaths_12m_in_rate",
    "accidents": "incidents_12m_in_rate",
    "accidents_total": "incidents_12m_in_rate",
}
BREAKDOWN = {"accidents": "family", "risk_levels": "level"}
FLAGS = {"too_few_events": (0, 2), "unreliable": (3, 19), "ok": (20, 10**9)}
"""What a rate's flag says of its count."""


def counts_of(table: str, frame: pd.DataFrame) -> list[str]:
    """The columns that hold counts of people or events."""
    kept = {"adp_12m", "rate_per_1000_12m", "rate_low", "rate_high", "solitary_per_1000", "restraint_hours"}
    kept |= {column for column in frame.columns if column.endswith("_pct")}
    return [c for c in frame.columns if pd.api.types.is_numeric_dtype(frame[c]) and c not in kept]


def key_of(table: str, row: Row) -> tuple[Any, ...]:
    """Names of the numbers in a row of a table, but for the column."""
    period = row["month"] if "month" in row else row["as_of"]
    return table, row["tier"], row["unit"], period, row.get(BREAKDOWN.get(table, ""), "")


def _records(frame: pd.DataFrame) -> list[Row]:
    return [{str(column): value for column, value in row.items()} for row in frame.to_dict("records")]


class Reader:
    """Reads publications one after the other and keeps what each says.

    Args:
        publications: tables by name as published, oldest first; ``population`` among them.
    """

    def __init__(self, publications: Sequence[Tables]) -> None:
        self.known: dict[Number, int] = {}
        self.withheld: set[Number] = set()
        self.limits: dict[Number, tuple[int, int]] = {}
        self._statements: list[tuple[Number, list[Number]]] = []
        self._measured: set[tuple[str, Any]] = set()
        """Facilities and months whose population is published."""
        for tables in publications:
            self._read(tables)

    def _read(self, tables: Tables) -> None:
        population = tables["population"]
        own = population[
            (population["tier"] == "facility") & (population["days_missing"] < population["facility_days"])
        ]
        self._measured |= set(zip(own["unit"], own["month"], strict=True))
        rows = {
            name: {key_of(name, row): row for row in _records(frame)}
            for name, frame in tables.items()
            if name in ADDS_UP or name in BREAKDOWN
        }
        for name, by_key in rows.items():
            columns = counts_of(name, tables[name])
            for key, row in by_key.items():
                self._numbers(key, row, columns)
            self._tiers(name, by_key, columns)
            for key, row in by_key.items():
                self._in_row(name, key, columns)
                self._windows(name, key, row, by_key)
                self._rate(name, key, row)
        self._families(rows, tables)

    def _numbers(self, key: tuple[Any, ...], row: Row, columns: Sequence[str]) -> None:
        gone = set(str(row.get("withheld") or "").split())
        for column in columns:
            number = (*key, column)
            if not pd.isna(row[column]):
                self.known[number] = int(row[column])
                self.withheld.discard(number)
            elif column in gone and number not in self.known:
                self.withheld.add(number)

    def _add(self, total: Number, parts: list[Number]) -> None:
        self._statements.append((total, parts))

    def _tiers(self, name: str, by_key: Mapping[tuple[Any, ...], Row], columns: Sequence[str]) -> None:
        facilities: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
        nation = next((key[2] for key in by_key if key[1] == "nation"), None)
        for key, row in by_key.items():
            if row["tier"] == "facility":
                for tier, unit in (("city", row["city"]), ("province", row["province"]), ("nation", nation)):
                    facilities[name, tier, unit, key[3], key[4]].append(key)
        for total, parts in facilities.items():
            if total in by_key:
                for column in columns:
                    self._add((*total, column), [(*part, column) for part in parts])

    def _in_row(self, name: str, key: tuple[Any, ...], columns: Sequence[str]) -> None:
        for total, parts in ADDS_UP.get(name, []):
            if total in columns:
                self._add((*key, total), [(*key, part) for part in parts])

    def _windows(self, name: str, key: tuple[Any, ...], row: Row, by_key: Mapping[tuple[Any, ...], Row]) -> None:
        windows = dict(OF_TWELVE_MONTHS.get(name, {}))
        if key[1] == "facility" and name in RATE_OF:
            windows[RATE_OF[name]] = next(iter(windows.values()))
        for column, of in windows.items():
            if (*key, column) not in self.known and (*key, column) not in self.withheld:
                continue
            months = [key[3] - pd.DateOffset(months=k) for k in range(12)]
            if column == RATE_OF.get(name):
                months = [month for month in months if (key[2], month) in self._measured]
            parts = [(*key[:3], month, key[4]) for month in months]
            self._add((*key, column), [(*part, of) for part in parts if part in by_key])

    def _rate(self, name: str, key: tuple[Any, ...], row: Row) -> None:
        number = (*key, RATE_OF.get(name, ""))
        if number not in self.withheld:
            return
        if not pd.isna(row["rate_per_1000_12m"]):  # the rate times the population is the count
            self.known[number] = round(row["rate_per_1000_12m"] * row["adp_12m"] / 1000)
        elif row["rate_flag"] in FLAGS:
            self.limits[number] = FLAGS[row["rate_flag"]]

    def _families(self, rows: Mapping[str, Mapping[tuple[Any, ...], Row]], tables: Tables) -> None:
        if "accidents" not in rows or "accidents_total" not in rows:
            return
        families: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for key in rows["accidents"]:
            families[("accidents_total", *key[1:4], "")].append(key)
        for total, parts in families.items():
            if total in rows["accidents_total"]:
                for column in counts_of("accidents_total", tables["accidents_total"]):
                    self._add((*total, column), [(*part, column) for part in parts])

    def statements(self) -> list[Statement[Number]]:
        """Statements about withheld numbers; a number in no table adds nothing."""
        found: dict[tuple[tuple[Number, ...], Number], Statement[Number]] = {}
        for total, parts in self._statements:
            if total not in self.known and total not in self.withheld:
                continue
            factors: dict[Number, int] = defaultdict(int)
            known = 0
            for number, factor in [(total, -1), *((part, 1) for part in parts)]:
                if number in self.known:
                    known += factor * self.known[number]
                elif number in self.withheld:
                    factors[number] += factor
            if factors:
                found[tuple(parts), total] = Statement(factors, -known)
        return list(found.values())


def attack(publications: Sequence[Tables], *, programme: bool = False) -> dict[Number, Found]:
    """Everything a reader finds out of the numbers withheld in the last publication, who has kept all before.

    The reader first takes every number for unchanged since it was last shown. Where that contradicts itself something
    has been corrected, and only the last publication is used.

    Args:
        publications: tables by name as published, oldest first.
        programme: also by linear programming; see :func:`quality.attack.reader.find`.
    """
    last = Reader(publications[-1:])
    everything = Reader(publications)
    for reader in (everything, last):
        try:
            found = find(
                reader.statements(),
                {n: v for n, v in reader.limits.items() if n in reader.withheld},
                programme=programme,
            )
        except Contradiction:
            continue
        shown = {
            n: Found(reader.known[n], reader.known[n], "shown before") for n in last.withheld & reader.known.keys()
        }
        return {number: what for number, what in (found | shown).items() if number in last.withheld}
    raise Contradiction("the last publication contradicts itself")
