"""The reader who has only the dashboards: every chart under every choice of its filters, one answer less another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from dashboards.bundle import Sources
from dashboards.charts import conditions
from dashboards.spec import Chart, Value
from quality.attack.reader import Statement
from quality.attack.statements import Number, Reader, counts_of, key_of

Answer = float | None


@dataclass(frozen=True)
class Asked:
    """A chart's answer under one choice of filters, with the numbers that it is made from where none is left out."""

    of: list[Number]
    answer: Answer


def number_shown(answer: Any) -> Answer:
    """What a reader reads: numbers of tables come as text, withheld ones as a word."""
    try:
        return None if answer is None else float(str(answer).replace(",", ""))
    except ValueError:
        return None


def ask(behind: Mapping[str, pd.DataFrame]) -> Iterator[Asked]:
    """Ask every chart on a table of ``behind`` about each unit, all units of a tier, and each run of months.

    The SQL is the dashboards' own. A filter adds a condition to it; here groups stand for the conditions.
    """
    sources = Sources.load()
    with duckdb.connect() as connection:
        for name, frame in behind.items():
            connection.register(name, frame.assign(place=range(len(frame))))
            keys = [key_of(name, row) for row in frame.to_dict("records")]  # type: ignore[arg-type]
            for dashboard in sources.dashboards:
                for chart in dashboard.charts.values():
                    for value in chart.values if chart.dataset == name else ():
                        if value.column in counts_of(name, frame):
                            yield from _answers(connection, sources, chart, value, keys)


def _answers(
    connection: duckdb.DuckDBPyConnection, sources: Sources, chart: Chart, value: Value, keys: list[tuple[Any, ...]]
) -> Iterator[Asked]:
    tongue = sources.tongue(chart.dataset, "en")
    timed = "month" in tongue.table.columns
    ranges = (
        f"(select a.month as since, b.month as until from (select distinct month from {chart.dataset}) as a, "
        f"(select distinct month from {chart.dataset}) as b where a.month <= b.month)"
        if timed
        else "(select null as since, null as until)"
    )
    within = f"{chart.dataset}.month between since and until" if timed else "true"
    by = "".join(f", {tongue.sql(name)}" for name in dict.fromkeys([*([chart.x] if chart.x else []), *chart.by]))
    where = " and ".join(["true", *conditions(chart)])
    rows = "list(place) filter (month = latest)" if value.how == "last" else "list(place)"
    latest = f", max(month) over (partition by since, until, tier, unit{by}) as latest" if timed else ""
    found = connection.execute(
        f"select {rows}, {tongue.value_sql(value)} from (select *{latest} from {chart.dataset} "
        f"join {ranges} on {within} where {where}) "
        f"group by grouping sets ((since, until, tier, unit{by}), (since, until, tier{by}))"
    )
    for places, answer in found.fetchall():
        yield Asked([(*keys[place], value.column) for place in places or ()], number_shown(answer))


def told(
    reader: Reader, asked: Iterable[Asked], shown: Callable[[float], bool] = lambda _: True
) -> list[Statement[Any]]:
    """What answers say of withheld numbers: those that are more than the published numbers they are made from.

    Args:
        reader: knows the published tables.
        asked: the answers.
        shown: whether a dashboard shows an answer at all.
    """
    found = []
    for each in asked:
        unknown = [number for number in each.of if number not in reader.known]
        if each.answer is not None and shown(each.answer) and unknown:
            rest = round(each.answer) - sum(reader.known[n] for n in each.of if n in reader.known)
            if rest:
                found.append(Statement(dict.fromkeys(unknown, 1), rest))
    return found
