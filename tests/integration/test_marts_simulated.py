"""The published figures of simulated registers against a plain recount in Python, row by row."""

from __future__ import annotations

import shutil
from calendar import monthrange
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from math import hypot
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pytest
from scipy.stats import binomtest, chi2

from batch_jobs.marts.build import build_marts
from infra.settings import Settings, load_settings
from ingestion.contracts import REGISTERS
from ingestion.sources.simulator import Scenario, write_registers
from ingestion.sources.simulator.registers import registers
from quality.gate import run_gate

Known = dict[str, list[dict[str, Any]]]
Units = list[tuple[str, str]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Known]:
    """Marts of a small country over 27 months, published, and its registers as known at the end."""
    scenario = Scenario(seed=11, provinces=2, cities_per_province=2, facilities_per_city=1, months=27)
    settings = load_settings(home=tmp_path_factory.mktemp("home"))
    write_registers(settings, scenario)
    build_marts(settings)
    gate = run_gate(settings)
    assert [f"{check.text} {check.found} {check.rows[:3]}" for check in gate.failed] == []
    known: Known = {}
    for name, table in registers(scenario).items():
        latest: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in sorted(table.to_pylist(), key=lambda row: row["known_from"]):
            latest[tuple(row[column] for column in REGISTERS[name].KEY)] = row
        known[name] = [row for row in latest.values() if not row.get("withdrawn")]
    return settings, known


def units_of(facility: str) -> Units:
    """The units a facility adds to, by the digits of its code."""
    return [("facility", facility), ("city", facility[:4]), ("province", facility[:2]), ("nation", "00")]


def month_of(day: date) -> date:
    return date(day.year, day.month, 1)


def days_in(month: date) -> int:
    return monthrange(month.year, month.month)[1]


def query(settings: Settings, sql: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(settings.published_db), read_only=True) as connection:
        table: list[dict[str, Any]] = connection.execute(sql).to_arrow_table().to_pylist()
        return table


def whole_months(settings: Settings) -> list[date]:
    months = [row["month"] for row in query(settings, "select distinct month from publication.population order by 1")]
    assert len(months) == 26, "the last month is not over"
    return months


def person_days(known: Known, months: list[date]) -> Counter[tuple[str, str, date]]:
    """Person-days by unit and month, counting every stay day by day."""
    until = months[-1] + timedelta(days=days_in(months[-1]))
    found: Counter[tuple[str, str, date]] = Counter()
    for row in known["stay"]:
        day, end = max(row["admitted"], months[0]), min(row["released"] or until, until)
        while day < end:
            for unit in units_of(row["facility"]):
                found[*unit, month_of(day)] += 1
            day += timedelta(days=1)
    return found


def test_person_days_and_population_agree_with_a_day_by_day_count(built: tuple[Settings, Known]) -> None:
    settings, known = built
    months = whole_months(settings)
    counted = person_days(known, months)
    published = query(settings, "select * from publication.population")
    assert len(published) == 26 * (4 + 4 + 2 + 1)
    for row in published:
        days = counted[row["tier"], row["unit"], row["month"]]
        assert row["days_missing"] == 0
        assert row["person_days"] == days
        assert row["adp"] == pytest.approx(days / days_in(row["month"]), abs=1e-4)


def test_death_rates_and_their_limits_agree_with_a_recount(built: tuple[Settings, Known]) -> None:
    settings, known = built
    months = whole_months(settings)
    counted = person_days(known, months)
    deaths: Counter[tuple[str, str, date]] = Counter()
    pending: Counter[tuple[str, str, date]] = Counter()
    for row in known["death"]:
        for unit in units_of(row["facility"]):
            deaths[*unit, month_of(row["died"])] += 1
            pending[*unit, month_of(row["died"])] += row["death_class"] == "pending"
    rated = 0
    for row in query(settings, "select * from publication.deaths"):
        unit = (row["tier"], row["unit"])
        assert row["deaths_total"] == deaths[*unit, row["month"]]
        assert row["deaths_pending"] == pending[*unit, row["month"]]
        assert row["unnatural_high"] - row["unnatural_low"] == pending[*unit, row["month"]]
        at = months.index(row["month"])
        if at < 11:
            assert row["rate_flag"] == "short_window"
            assert row["deaths_12m"] is None
            continue
        window = months[at - 11 : at + 1]
        events = sum(deaths[*unit, month] for month in window)
        adp = sum(counted[*unit, month] for month in window) / sum(days_in(month) for month in window)
        assert row["deaths_12m"] == row["deaths_12m_in_rate"] == events
        assert row["adp_12m"] == pytest.approx(adp, abs=1e-4)
        if events < 3:
            assert (row["rate_flag"], row["rate_per_1000_12m"]) == ("too_few_events", None)
            continue
        rated += 1
        assert row["rate_flag"] == ("unreliable" if events < 20 else "ok")
        assert row["rate_per_1000_12m"] == pytest.approx(1000 * events / adp, abs=1e-4)
        assert row["rate_low"] == pytest.approx(1000 * chi2.ppf(0.025, 2 * events) / 2 / adp, abs=1e-4)
        assert row["rate_high"] == pytest.approx(1000 * chi2.ppf(0.975, 2 * events + 2) / 2 / adp, abs=1e-4)
    assert rated > 0


def test_incidents_agree_by_family_and_severity(built: tuple[Settings, Known]) -> None:
    settings, known = built
    counted: Counter[tuple[Any, ...]] = Counter()
    for row in known["incident"]:
        for unit in units_of(row["facility"]):
            counted[*unit, month_of(row["happened"].date()), row["family"], row["severity"]] += 1
    shown = withheld = 0
    for row in query(settings, "select * from publication.accidents"):
        for severity in ("minor", "serious", "major"):
            key = (row["tier"], row["unit"], row["month"], row["family"], severity)
            if severity in row["withheld"].split():
                assert row[severity] is None
                withheld += 1
            else:
                assert row[severity] == counted[key]
                shown += 1
    assert 0 < withheld < shown
    months = whole_months(settings)
    totals = query(settings, "select incidents_total from publication.accidents_total where tier = 'nation'")
    assert sum(row["incidents_total"] for row in totals) == sum(
        month_of(row["happened"].date()) in months for row in known["incident"]
    )


def test_accountable_facts_are_never_withheld_and_personal_ones_are_where_few(built: tuple[Settings, Known]) -> None:
    settings, _ = built
    gone = query(
        settings,
        "select distinct 'deaths' as t, '' as family, withheld from publication.deaths where withheld <> '' union all "
        "select distinct 'accidents', family, withheld from publication.accidents where withheld <> ''",
    )
    assert {(row["t"], row["family"]) for row in gone} >= {("accidents", "self_harm"), ("accidents", "health")}
    assert not any(row["t"] == "deaths" for row in gone)
    counted = {"minor", "serious", "major", "incidents_total", "incidents_12m"}
    for row in gone:
        assert row["family"] != "staff_conduct" or not counted & set(row["withheld"].split())
    few = query(
        settings,
        "select * from publication.accidents where tier in ('city', 'facility') and family = 'self_harm' "
        "and (incidents_total in (1, 2) or incidents_12m in (1, 2))",
    )
    assert few == []


def test_a_build_without_disclosure_control_is_not_published(built: tuple[Settings, Known], tmp_path: Path) -> None:
    settings, _ = built
    other = load_settings(home=tmp_path)
    other.marts.mkdir(parents=True)
    for name in (settings.marts_db.name, "build.json"):
        shutil.copy(settings.marts / name, other.marts / name)
    with duckdb.connect(str(other.marts_db)) as connection:
        connection.execute("drop schema disclosure cascade")
    refused = run_gate(other)
    assert not refused.published
    assert {check.suite for check in refused.failed} >= {"disclosure"}


def test_primary_suppression_alone_does_not_pass_the_gate(built: tuple[Settings, Known], tmp_path: Path) -> None:
    settings, _ = built
    other = load_settings(home=tmp_path)
    other.marts.mkdir(parents=True)
    for name in (settings.marts_db.name, "build.json"):
        shutil.copy(settings.marts / name, other.marts / name)
    with duckdb.connect(str(other.marts_db)) as connection:
        connection.execute("drop table disclosure.accidents")
        connection.execute(
            "create table disclosure.accidents as select * replace ("
            "case when not (family in ('self_harm', 'health') and minor in (1, 2)) then minor end as minor, "
            "case when family in ('self_harm', 'health') and minor in (1, 2) then 'minor' else '' end as withheld) "
            "from publication.accidents"
        )
    refused = run_gate(other)
    assert not refused.published
    assert any("subtracts published numbers" in check.text for check in refused.failed)


def test_video_inspection_coverage_is_reviewed_by_required_minutes(built: tuple[Settings, Known]) -> None:
    settings, known = built
    counted: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for row in known["inspection"]:
        if row["kind"] == "video":
            for unit in units_of(row["facility"]):
                cell = counted[*unit, month_of(row["scheduled"])]
                cell["scheduled"] += 1
                cell["performed"] += row["performed"] is not None
                cell["required"] += row["required_minutes"]
                cell["reviewed"] += row["reviewed_minutes"]
    for row in query(settings, "select * from publication.inspections"):
        cell = counted[row["tier"], row["unit"], row["month"]]
        assert row["video_scheduled"] == cell["scheduled"]
        assert row["video_performed"] == cell["performed"]
        assert row["video_missed"] == cell["scheduled"] - cell["performed"]
        assert row["coverage_pct"] == pytest.approx(100 * cell["reviewed"] / cell["required"], abs=1e-4)


def test_rectification_on_time_and_median_age_agree_on_every_tier(built: tuple[Settings, Known]) -> None:
    settings, known = built
    orders: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in known["rectification_order"]:
        for unit in units_of(row["facility"]):
            orders[unit].append(row)
    for row in query(settings, "select * from publication.rectification_summary"):
        end = row["month"] + timedelta(days=days_in(row["month"]) - 1)
        held = orders[row["tier"], row["unit"]]
        due = [o for o in held if month_of(o["due"]) == row["month"]]
        on_time = [o for o in due if o["closed"] is not None and o["closed"] <= o["due"]]
        ages = [(end - o["ordered"]).days for o in held if o["ordered"] <= end and (o["closed"] or date.max) > end]
        assert (row["due_in_month"], row["closed_on_time"], row["open_at_end"]) == (len(due), len(on_time), len(ages))
        assert row["closed_on_time_pct"] == (pytest.approx(100 * len(on_time) / len(due), abs=1e-4) if due else None)
        assert row["median_age_days"] == (median(ages) if ages else None)


Figure = tuple[float, float, float]
"""A value with its lower and upper limit."""


def poisson_rate(events: int, days: int, person_days: int) -> Figure:
    per = 1000 * days / person_days
    return per * events, per * chi2.ppf(0.025, 2 * events) / 2, per * chi2.ppf(0.975, 2 * events + 2) / 2


def wilson_share(part: int, whole: int) -> Figure:
    found = binomtest(part, whole).proportion_ci(method="wilson")
    return 100 * part / whole, 100 * found.low, 100 * found.high


def moved(now: Figure, before: Figure) -> Figure:
    """Change with the limits of Zou and Donner (2008): squared distances to the nearer limits are added."""
    change = now[0] - before[0]
    return (
        change,
        change - hypot(now[0] - now[1], before[2] - before[0]),
        change + hypot(now[2] - now[0], before[0] - before[1]),
    )


def test_metrics_and_their_changes_agree_with_a_recount(built: tuple[Settings, Known]) -> None:
    """Incidents as a rate and patrol visits as a share, at every tier."""
    settings, known = built
    months = whole_months(settings)
    counted = person_days(known, months)
    cells: dict[tuple[str, str], Counter[tuple[str, date]]] = defaultdict(Counter)
    for row in known["incident"]:
        for unit in units_of(row["facility"]):
            cells[unit]["incidents", month_of(row["happened"].date())] += 1
    for row in known["patrol_visit"]:
        late = timedelta(minutes=row["tolerance_minutes"])
        for unit in units_of(row["facility"]):
            month = month_of(row["scheduled"].date())
            cells[unit]["visits", month] += 1
            cells[unit]["on_time", month] += bool(row["visited"]) and row["visited"] <= row["scheduled"] + late

    def value(metric: str, unit: tuple[str, str], window: list[date]) -> Figure:
        total = {name: sum(cells[unit][name, month] for month in window) for name in ("incidents", "visits", "on_time")}
        if metric == "patrols_on_time":
            return wilson_share(total["on_time"], total["visits"])
        return poisson_rate(
            total["incidents"], sum(map(days_in, window)), sum(counted[*unit, month] for month in window)
        )

    changes = 0
    for row in query(
        settings,
        "select * from publication.metrics where metric in ('incidents', 'patrols_on_time') and facility_type = 'all'",
    ):
        unit, at = (row["tier"], row["unit"]), months.index(row["month"])
        if row["flag"] == "too_few_events":
            assert row["value"] is None
            continue
        now = value(row["metric"], unit, months[at - 11 : at + 1])
        assert (row["value"], row["value_low"], row["value_high"]) == pytest.approx(now, abs=1e-4)
        if row["change"] is not None:
            change = moved(now, value(row["metric"], unit, months[at - 23 : at - 11]))
            assert (row["change"], row["change_low"], row["change_high"]) == pytest.approx(change, abs=1e-4)
            sure = "higher" if change[1] > 0 else "lower" if change[2] < 0 else "within_chance"
            assert row["change_flag"] == sure
            changes += 1
    assert changes > 30


def test_rights_agree_with_a_recount_and_what_is_withheld_is_never_a_breach(built: tuple[Settings, Known]) -> None:
    settings, known = built
    days: defaultdict[Any, Counter[str]] = defaultdict(Counter)
    for row in known["custody_day"]:
        for unit in units_of(row["facility"]):
            one = days[*unit, month_of(row["day"])]
            one.update({name: row[name] for name in ("persons", "solitary", "solitary_unknown", "outside_short")})
    for row in known["restraint_use"]:
        end = row["ended"] or datetime.max.replace(tzinfo=UTC)
        late = row["allowed_until"] is not None and end > row["allowed_until"]
        for unit in units_of(row["facility"]):
            days[*unit, month_of(row["begun"].date())].update(restraints=1, over=late)
    for row in known["lawyer_request"]:
        in_time = row["met"] is not None and row["met"] <= row["waits_from"] + timedelta(hours=48)
        for unit in units_of(row["facility"]):
            days[*unit, month_of(row["waits_from"].date())].update(requests=1, in_time=in_time)
    published = query(settings, "select * from publication.rights")
    assert len(published) == 26 * (4 + 4 + 2 + 1)
    columns = {
        "person_days": "persons", "solitary_days": "solitary", "solitary_unknown": "solitary_unknown",
        "outside_short": "outside_short", "restraints_begun": "restraints", "restraints_over_time": "over",
        "lawyer_requests": "requests", "lawyer_in_time": "in_time",
    }  # fmt: skip
    gone: Counter[str] = Counter()
    for row in published:
        counted, withheld = days[row["tier"], row["unit"], row["month"]], row["withheld"].split()
        gone.update(withheld)
        for column, name in columns.items():
            assert row[column] == (None if column in withheld else counted[name]), (column, row)
        assert row["tier"] not in ("city", "facility") or row["solitary_days"] not in (1, 2)
        if row["solitary_per_1000"] is not None:
            judged = counted["persons"] - counted["solitary_unknown"]
            assert row["solitary_per_1000"] == pytest.approx(1000 * counted["solitary"] / judged, abs=1e-4)
    breaches = {"outside_short", "solitary_over_15_days", "restraints_over_time", "lawyer_late", "lawyer_not_met"}
    assert gone["solitary_days"] > 0
    assert not breaches & set(gone)
