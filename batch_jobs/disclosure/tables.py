"""From published tables to cells and sums, and back to tables with numbers withheld. Pure: frames in, frames out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from batch_jobs.disclosure.cells import Cells, Counts, Flags
from batch_jobs.disclosure.policy import Profile, Structure, TableStructure, Window

WITHHELD = "withheld"
"""Column of a published table that names the columns withheld in the row, and what a withheld word reads."""
_UNIT = ["tier", "unit"]
_HIDDEN = "*"


@dataclass(frozen=True)
class Layout:
    """Where each cell stands in the tables.

    Attributes:
        names: table, column, tier, unit, month and breakdown of each cell, the same from publication to publication.
        cells: the system.
        places: one row a cell: table, column, row (of the table; -1 where the cell is in no table).
    """

    names: list[str]
    cells: Cells
    places: pd.DataFrame


class BrokenSum(Exception):
    """A sum that the structure promises does not hold between the published numbers."""


def _months(column: pd.Series) -> pd.Series:
    """Months since year 0 of dates; other periods as text."""
    if pd.api.types.is_datetime64_any_dtype(column) and column.dt.day.eq(1).all() and column.dt.hour.eq(0).all():
        return pd.Series(column.dt.year * 12 + column.dt.month - 1)
    return column.astype(str)


def _rows(name: str, frame: pd.DataFrame, table: TableStructure, nation: str | None) -> pd.DataFrame:
    """One row a row of the table: unit, the unit above, period, breakdown."""
    rows = frame[_UNIT].copy()
    rows["table"], rows["row"] = name, np.arange(len(frame))
    rows["period"] = _months(pd.to_datetime(frame[table.month]))
    rows["by"] = frame[list(table.by)].astype(str).agg("/".join, axis=1) if table.by else ""
    to_city = (frame["tier"] == "facility") & frame["city"].notna()
    to_province = frame["tier"].isin(["facility", "city"]) & frame["province"].notna() & ~to_city
    above = pd.Series(nation, index=frame.index, dtype=object).where(~to_province, frame["province"])
    rows["above"] = above.where(~to_city, frame["city"]).where(frame["tier"] != "nation", None)
    rows["above_tier"] = np.where(to_city, "city", np.where(to_province, "province", "nation"))
    return rows


def _cells(rows: pd.DataFrame, frame: pd.DataFrame, table: TableStructure) -> pd.DataFrame:
    """One row a cell of the table. A number that is null is in no sum: none is known, and it adds nothing."""
    parts: list[pd.DataFrame] = []
    for column in table.numbers:
        if column.endswith(_HIDDEN):
            total, others = next(
                (s.total, [p for p in s.parts if p != column]) for s in table.sums if column in s.parts
            )
            value = frame[total] - frame[others].sum(axis=1)
        else:
            value = frame[column]
        parts.append(rows.assign(column=column, value=value.to_numpy())[value.notna().to_numpy()])
    return pd.concat(parts, ignore_index=True)


def _with_inside_total(cells: pd.DataFrame) -> pd.DataFrame:
    """Adds the sums over the breakdown, which stand in no row."""
    keys = ["table", "column", "tier", "unit", "above", "period"]
    totals = cells.groupby(keys, dropna=False, as_index=False)["value"].sum().assign(by="", row=-1, floor=0)
    return pd.DataFrame(pd.concat([cells, totals], ignore_index=True))


class _Sums:
    """Sums between cells, gathered as pairs of a total and a part."""

    def __init__(self) -> None:
        self._pairs: list[pd.DataFrame] = []
        self.count = 0

    def add(self, pairs: pd.DataFrame, kind: str) -> None:
        """``pairs`` has the columns total and part (cells); one kind has one sum a total."""
        self._pairs.append(pairs[["total", "part"]].assign(kind=kind))

    def relations(self, n: int) -> csr_array:
        pairs = pd.concat(self._pairs, ignore_index=True)
        sums = pairs.groupby(["kind", "total"], sort=False).ngroup().to_numpy()
        total_of = pairs.drop_duplicates(["kind", "total"])["total"].to_numpy()
        m = len(total_of)
        row, column = np.concatenate([sums, np.arange(m)]), np.concatenate([pairs["part"].to_numpy(), total_of])
        factor = np.concatenate([np.ones(len(sums), dtype=np.int64), -np.ones(m, dtype=np.int64)])
        return csr_array((factor, (row, column)), shape=(m, n))


def _sums(cells: pd.DataFrame, structure: Structure, known: pd.DataFrame) -> csr_array:
    sums = _Sums()
    keys = ["table", "column", "period", "by"]
    below = cells[[*keys, "above_tier", "above", "cell"]].dropna(subset="above")
    below = below.set_axis([*keys, *_UNIT, "part"], axis=1)
    totals = cells[[*keys, *_UNIT, "cell"]].rename(columns={"cell": "total"})
    sums.add(below.merge(totals, on=[*keys, *_UNIT]), "tiers")
    for name, table in structure.tables.items():
        own = cells[cells["table"] == name]
        at = {column: part.rename(columns={"cell": "part"}) for column, part in own.groupby("column")}
        none = own.iloc[:0].rename(columns={"cell": "part"})
        for k, each in enumerate(table.sums):
            totals = at.get(each.total, none)[["row", "part"]].rename(columns={"part": "total"})
            for part in each.parts:
                sums.add(totals.merge(at.get(part, none)[["row", "part"]], on="row"), f"{name} {k}")
        for column, window in table.windows.items():
            sums.add(_window(at.get(column, none), at.get(window.of, none), window, known), f"{name} {column}")
        keys = ["column", *_UNIT, "period"]
        if table.totals is not None:
            whole = cells[cells["table"] == table.totals].rename(columns={"cell": "total"})
            sums.add(own.rename(columns={"cell": "part"}).merge(whole[[*keys, "total"]], on=keys), f"{name} all")
        if table.inside_total:
            whole = own[own["row"] < 0].rename(columns={"cell": "total"})
            parts = own[own["row"] >= 0].rename(columns={"cell": "part"})
            sums.add(parts.merge(whole[[*keys, "total"]], on=keys), f"{name} inside")
    return sums.relations(len(cells))


def _window(totals: pd.DataFrame, parts: pd.DataFrame, window: Window, known: pd.DataFrame) -> pd.DataFrame:
    keys = [*_UNIT, "by", "period"]
    if window.over_known:
        totals = totals[totals["tier"] == "facility"]
        parts = parts.merge(known, on=["unit", "period"])
    totals = totals[[*keys, "part"]].rename(columns={"part": "total"})
    months = range(window.lag, window.lag + window.months)
    back = pd.concat([totals.assign(period=totals["period"] - k) for k in months], ignore_index=True)
    return back.merge(parts[[*keys, "part"]], on=keys)


def _treatment(cells: pd.DataFrame, structure: Structure, profile: Profile) -> pd.Series:
    """public, protected or nothing of each cell; the first rule that fits decides."""
    kinds = cells[["table", "column", "tier", "by"]].drop_duplicates()
    treat = []
    for kind in kinds.itertuples(index=False):
        of = dict(zip(structure.tables[str(kind.table)].by, str(kind.by).split("/"), strict=False))
        rules = (
            rule.treat
            for rule in profile.rules
            if rule.table == kind.table
            and kind.column in rule.columns
            and kind.tier in rule.tiers
            and all(of.get(column) in values for column, values in rule.where.items())
        )
        treat.append(next(rules, ""))
    return cells.merge(kinds.assign(treat=treat), on=["table", "column", "tier", "by"], how="left")["treat"]


def lay_out(frames: Mapping[str, pd.DataFrame], structure: Structure, profile: Profile) -> Layout:
    """The cells and sums of the exact tables.

    Args:
        frames: every table that the structure names, and ``population``, as they would be published with nothing
            withheld. Columns tier, unit, province, city, facility, the table's month and breakdown, and its numbers.
        structure: which sums hold.
        profile: what is public and what protected.

    Raises:
        BrokenSum: a promised sum does not hold; names its cells.
    """
    population = frames["population"]
    at = pd.DataFrame({**{c: population[c] for c in _UNIT}, "period": _months(pd.to_datetime(population["month"]))})
    known = at[(population["tier"] == "facility") & (population["days_missing"] < population["facility_days"])]
    parts = []
    for name, table in structure.tables.items():
        frame = frames[name]
        nation = frame.loc[frame["tier"] == "nation", "unit"]
        rows = _rows(name, frame, table, nation.iloc[0] if len(nation) else None)
        cells = _cells(rows, frame, table)
        cells["floor"] = 0
        if table.row_means is not None:
            peopled = rows.merge(at.assign(peopled=True), on=[*_UNIT, "period"], how="left")["peopled"].notna()
            bare = ~peopled.to_numpy()[cells["row"]]
            cells["floor"] = ((cells["column"] == table.row_means) & bare).astype(np.int64)
        parts.append(_with_inside_total(cells) if table.inside_total else cells)
    cells = pd.concat(parts, ignore_index=True)
    cells["cell"] = np.arange(len(cells))
    treat = _treatment(cells, structure, profile).to_numpy()
    inside = (cells["row"] < 0).to_numpy()
    values = cells["value"].to_numpy().astype(np.int64)
    public = (treat == "public") | inside
    keys = ["table", "column", "tier", "unit", "period", "by"]
    relations = _sums(cells, structure, known[["unit", "period"]])
    _check(relations, values, cells)
    system = Cells(
        values=values,
        relations=relations,
        public=public,
        hidden=cells["column"].str.endswith(_HIDDEN).to_numpy(),
        sensitive=(treat == "protected") & profile.protection.small(values) & ~public,
        rank=np.asarray(cells["tier"].map(profile.rank), dtype=np.int64),
        weight=1.0 + np.log2(1.0 + values),
        floor=cells["floor"].to_numpy(dtype=np.int64),
    )
    names = cells[keys].astype(str).agg("|".join, axis=1).tolist()
    return Layout(names, system, cells[["table", "column", "row"]])


def _check(relations: csr_array, values: Counts, cells: pd.DataFrame) -> None:
    off = np.flatnonzero(relations @ values)
    if len(off):
        row = int(off[0])
        entries = slice(relations.indptr[row], relations.indptr[row + 1])
        one = cells.iloc[relations.indices[entries]][["table", "column", "tier", "unit", "period", "by", "value"]]
        raise BrokenSum(f"{len(off)} sums do not hold; the first is between\n{one.to_string(index=False)}")


def withhold(
    frames: Mapping[str, pd.DataFrame], layout: Layout, withheld: Flags, structure: Structure
) -> dict[str, pd.DataFrame]:
    """The tables with numbers withheld.

    Args:
        frames: the exact tables.
        layout: of these.
        withheld: cells to withhold, shape (n,).
        structure: which columns go with a number.

    Returns:
        The tables under control. A withheld number is null, a withheld word reads ``withheld``, and the column
        ``withheld`` names the row's withheld columns. Why one is withheld is not said: that a number is withheld for
        being small would tell that it is small.
    """
    gone = layout.places[withheld & (layout.places["row"] >= 0).to_numpy()]
    published = {}
    for name, table in structure.tables.items():
        frame = frames[name].copy()
        missing = {column: np.zeros(len(frame), dtype=bool) for column in frame.columns}
        for column, part in gone[gone["table"] == name].groupby("column"):
            also = [other for other, same in table.same.items() if same == column]
            for each in [str(column), *also, *table.gives.get(str(column), ())]:
                missing[each][part["row"].to_numpy()] = True
        words = np.full(len(frame), "", dtype=object)
        for column in [column for column in frame.columns if missing[column].any()]:
            word = None if pd.api.types.is_numeric_dtype(frame[column]) else WITHHELD
            frame[column] = frame[column].where(~missing[column], word)
            words[missing[column]] += f"{column} "
        frame[WITHHELD] = [str(text).strip() for text in words]
        published[name] = frame
    return published
