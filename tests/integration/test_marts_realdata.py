"""Real registers through the models: the published tables against a plain recount of the files they came from.

California's jails: jail profile survey, Board of State and Community Corrections, assaults of inmates on staff per
quarter and average daily population per month, 1995 to March 2020. Inspections: list of facilities of the US
immigration authority of November 2017 (University of Washington Center for Human Rights).
"""

from __future__ import annotations

import csv
from calendar import month_name, monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pytest

from batch_jobs.marts.build import build_marts
from infra.settings import Settings, load_settings
from ingestion.registers import MAPPINGS, import_files, load_mapping
from tests.support.realdata import realdata

pytestmark = pytest.mark.realdata

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POPULATION = "custody/california_jails/monthly_population.csv"
ASSAULTS = "custody/california_jails/quarterly_incidents.csv"
INSPECTIONS = "custody/ice_inspections/facilities.psv"


def built(home: Path, files: dict[str, str]) -> Settings:
    """Marts of a lake that holds these files only, each by its mapping."""
    settings = load_settings(home=home)
    for mapping, file in files.items():
        import_files(settings, load_mapping(MAPPINGS / f"{mapping}.yaml"), [realdata(file)], now=NOW)
    build_marts(settings)
    return settings


def query(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.marts_db), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def lines(file: str, delimiter: str = ",") -> list[dict[str, str]]:
    with realdata(file).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


Quarter = tuple[int, int]
"""Year, and quarter from 1."""


class Jails:
    """California's files, counted with nothing but dictionaries."""

    def __init__(self) -> None:
        self.population = {
            (row["jurisdiction"].upper(), int(row["year"]), list(month_name).index(row["month"].capitalize())): round(
                float(row["avg_daily_pop_total_jurisdiction"])
            )
            for row in lines(POPULATION)
            if row["avg_daily_pop_total_jurisdiction"] != "NA"
        }
        self.assaults = {
            (row["jurisdiction"].upper(), (int(row["year"]), int(row["quarter"]))): int(
                row["num_inmate_assaults_on_staff"]
            )
            for row in lines(ASSAULTS)
            if row["num_inmate_assaults_on_staff"] != "NA"
        }

    def person_days(self, jail: str, quarter: Quarter) -> int | None:
        """Average of each month by its days; None where one of the three months has no figure."""
        year, number = quarter
        months = [(jail, year, 3 * number - back) for back in (2, 1, 0)]
        if any(month not in self.population for month in months):
            return None
        return sum(self.population[month] * monthrange(*month[1:])[1] for month in months)

    def reporters(self, quarter: Quarter) -> list[str]:
        """Jails with assaults and with population in the quarter."""
        return [jail for jail, q in self.assaults if q == quarter and self.person_days(jail, q) is not None]

    def rate(self, jails: Iterable[str], quarter: Quarter) -> tuple[int, float]:
        """Assaults, and assaults per 1,000 of the average daily population, of these jails."""
        jails = list(jails)
        events = sum(self.assaults[jail, quarter] for jail in jails)
        adp = sum(self.person_days(jail, quarter) or 0 for jail in jails) / days_of(quarter)
        return events, 1000 * events / adp if adp else 0.0


def days_of(quarter: Quarter) -> int:
    year, number = quarter
    return sum(monthrange(year, 3 * number - back)[1] for back in (2, 1, 0))


@pytest.fixture(scope="module")
def jails() -> Jails:
    return Jails()


@pytest.fixture(scope="module")
def california(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    files = {"california_population": POPULATION, "california_incidents": ASSAULTS}
    return built(tmp_path_factory.mktemp("california"), files)


def rates(settings: Settings, tier: str) -> dict[tuple[str, Quarter], tuple[Any, ...]]:
    rows = query(
        settings,
        "select unit, year(period_from), quarter(period_from), reported_in_rate, rate_per_1000, facilities_reporting, "
        f"facilities_in_rate, rate_low, rate_high from publication.reported_rates where tier = '{tier}' "
        "and facility_type = 'all' and measure = 'assaults_on_staff'",
    )
    return {(unit.removeprefix("US-CA/"), (year, quarter)): tuple(rest) for unit, year, quarter, *rest in rows}


def test_assaults_on_staff_per_1000_of_every_jail_and_quarter_are_those_of_a_recount(
    california: Settings, jails: Jails
) -> None:
    published = rates(california, "facility")
    assert set(published) == set(jails.assaults)
    rated = 0
    for (jail, quarter), (events, rate, *_) in published.items():
        known = jails.person_days(jail, quarter)
        assert events == (jails.assaults[jail, quarter] if known is not None else 0)
        if known and events >= 3:
            assert rate == pytest.approx(jails.rate([jail], quarter)[1], abs=1e-4)
            rated += 1
        else:
            assert rate is None
    assert rated > 1_000


def test_the_state_s_rate_takes_assaults_and_population_of_the_same_jails(california: Settings, jails: Jails) -> None:
    published = {quarter: row for (_, quarter), row in rates(california, "province").items()}
    assert set(published) == {quarter for _, quarter in jails.assaults}
    for quarter, (events, rate, reporting, in_rate, low, high) in published.items():
        here = jails.reporters(quarter)
        counted, expected = jails.rate(here, quarter)
        assert (events, in_rate) == (counted, len(here))
        assert reporting == sum(q == quarter for _, q in jails.assaults)
        assert rate == pytest.approx(expected, abs=1e-4)
        assert low < rate < high


def test_a_jail_that_stops_reporting_does_not_pull_the_state_s_rate_down(california: Settings, jails: Jails) -> None:
    """Where a jail has population and no assaults, dividing by all of the state's population gives too low a rate."""
    published = {quarter: row[1] for (_, quarter), row in rates(california, "province").items()}
    naive = {}
    for quarter in published:
        present = {jail for jail, *_ in jails.population if jails.person_days(jail, quarter) is not None}
        everyone = sum(jails.person_days(jail, quarter) or 0 for jail in present) / days_of(quarter)
        naive[quarter] = 1000 * jails.rate(jails.reporters(quarter), quarter)[0] / everyone
    assert all(naive[quarter] <= rate + 1e-4 for quarter, rate in published.items())
    # Los Angeles, a quarter of all the state's people in jail, stops with 2018.
    quarter = (2018, 1)
    assert "LOS ANGELES SHERIFF'S DEPARTMENT" not in jails.reporters(quarter)
    assert (published[quarter], naive[quarter]) == pytest.approx((6.318, 4.077), abs=1e-3)


def test_a_month_without_a_figure_is_missing_and_not_zero(california: Settings, jails: Jails) -> None:
    rows = query(
        california,
        "select unit, month, adp, days_missing, calendar_days from publication.population where tier = 'facility'",
    )
    missing = 0
    for unit, month, adp, days_missing, days in rows:
        known = jails.population.get((unit.removeprefix("US-CA/"), month.year, month.month))
        if known is None:
            assert (adp, days_missing) == (None, days)
            missing += 1
        else:
            assert adp == pytest.approx(known)
    assert missing > 0


@pytest.fixture(scope="module")
def ice(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return built(tmp_path_factory.mktemp("ice"), {"ice_inspections": INSPECTIONS})


def test_last_outcome_interval_and_overdue_share_of_the_inspections_are_those_of_the_list(ice: Settings) -> None:
    """At the end of the last whole month that the list covers, for the nation and every state."""
    passed = {"Acceptable", "Superior", "Good", "Meets Standard"}
    failed = {"At-Risk", "Does Not Meet Standard"}
    (month,) = query(ice, "select max(month) from publication.inspection_status")[0]
    end = date(month.year, month.month, monthrange(month.year, month.month)[1])
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    intervals: dict[str, list[int]] = defaultdict(list)
    for row in lines(INSPECTIONS, "|"):
        done = {
            datetime.strptime(row[f"{which}_inspection_date"], "%m/%d/%Y").date(): row[rating]
            for which, rating in (
                ("last", "last_inspection_rating_-_final"),
                ("second_to_last", "second_to_last_rating"),
            )
            if row[f"{which}_inspection_date"] not in ("", "nan")
        }
        days = sorted(day for day in done if day <= end)
        if row["detloc"] == "Redacted" or not days:
            continue
        rating = done[days[-1]]
        outcome = (
            "passed" if rating in passed else "findings" if rating == "Deficient" else "failed" if rating in failed
            else "open"
        )  # fmt: skip
        for unit in ("US", f"US-{row['state']}"):
            outcomes[unit]["inspected"] += 1
            outcomes[unit][outcome] += 1
            outcomes[unit]["overdue"] += (end - days[-1]) > timedelta(days=365)
            if len(days) == 2:
                intervals[unit].append((days[1] - days[0]).days)
    published = query(
        ice,
        "select unit, facilities_inspected, last_passed, last_with_findings, last_failed, last_open, "
        "inspections_overdue, overdue_pct, median_interval_days from publication.inspection_status "
        f"where month = '{month}' and facility_type = 'all' and tier in ('nation', 'province')",
    )
    assert {row[0] for row in published if row[1]} == set(outcomes)
    for unit, inspected, *classes, overdue, share, interval in published:
        counted = outcomes[unit]
        assert inspected == counted["inspected"]
        assert classes == [counted[name] for name in ("passed", "findings", "failed", "open")]
        assert overdue == counted["overdue"]
        assert share == (pytest.approx(100 * overdue / inspected, abs=1e-4) if inspected else None)
        assert interval == (median(intervals[unit]) if intervals[unit] else None)
