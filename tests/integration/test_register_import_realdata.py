"""The shipped mappings on the data they were written for: published figures come out of the lake.

Published figures: The Marshall Project and The Associated Press, "COVID-19 in prisons", final table of
June 2021; UCLA custodial mortality project, deaths and rates per agency 2019-2020.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from infra.settings import Settings, load_settings, open_catalog
from ingestion.registers import MAPPINGS, ImportReport, import_files, load_mapping
from tests.support.realdata import realdata

pytestmark = pytest.mark.realdata

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _import(settings: Settings, mapping: str, file: Path, now: datetime = NOW) -> ImportReport:
    report = import_files(settings, load_mapping(MAPPINGS / f"{mapping}.yaml"), [file], now=now)
    for count in report.counts:
        assert count.accounted == count.read, count.line()
    return report


def _table(settings: Settings, name: str) -> pa.Table:
    return open_catalog(settings).load_table(name).scan().to_arrow()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake with all shared files imported, each by its mapping."""
    settings = load_settings(home=tmp_path_factory.mktemp("registers"))
    for mapping, file in FILES.items():
        _import(settings, mapping, realdata(file))
    return settings


FILES = {
    "marshall_cases": "custody/marshall_covid/covid_prison_cases.csv",
    "marshall_prisoners": "custody/marshall_covid/prison_populations.csv",
    "marshall_staff": "custody/marshall_covid/staff_populations.csv",
    "ucla_deaths": "custody/ucla_deaths_2019_2020/deaths.csv",
    "ucla_facilities": "custody/ucla_facilities/facilities.csv",
    "california_population": "custody/california_jails/monthly_population.csv",
    "california_incidents": "custody/california_jails/quarterly_incidents.csv",
    "ice_inspections": "custody/ice_inspections/facilities.psv",
}


def test_every_shipped_mapping_is_used_here() -> None:
    shipped = {path.stem for path in MAPPINGS.glob("*.yaml")} - {"us_units"}
    assert shipped == set(FILES)


# The formula of the published table, found from it and confirmed on every one of its figures: the last
# count that a system reported, divided by the largest of its head counts; the nation is the sum of both.
MARSHALL = """
with reported as (
  select place, measure, population_group, arg_max(value, day) as value
  from counts where cumulative group by all
), base as (
  select place, population_group, max(population) as population from population group by all
), systems as (
  select u.name_en as name, r.measure, r.population_group, r.value, b.population
  from reported r join units u on u.unit = r.place left join base b using (place, population_group)
)
select * from systems
union all
select 'National', measure, population_group, sum(value)::bigint, sum(population)::bigint from systems group by all
"""

PUBLISHED = {
    ("cases", "prisoners"): ("cumulative_prisoner_cases", "prisoner_cases_pct"),
    ("deaths", "prisoners"): ("cumulative_prisoner_deaths", "prisoner_deaths_pct"),
    ("cases", "staff"): ("cumulative_staff_cases", "staff_cases_pct"),
    ("deaths", "staff"): ("cumulative_staff_deaths", "staff_deaths_pct"),
}

# No head count of staff is in the file for the first three, so no rate can follow; for the other two a
# count exists and the publishers still left the rate out, as they did for the nation's staff.
NO_STAFF_COUNT = {"Delaware", "Georgia", "Louisiana"}
STAFF_RATE_WITHHELD = {"New Jersey", "New Mexico", "National"}


@pytest.fixture(scope="module")
def marshall(lake: Settings) -> dict[tuple[str, str, str], tuple[int, int | None]]:
    counts, population = _table(lake, "register.reported_count"), _table(lake, "register.population_count")
    units = _table(lake, "register.admin_unit")
    with duckdb.connect() as connection:
        connection.register("counts", counts)
        connection.register("population", population)
        connection.register("units", units)
        rows = connection.execute(MARSHALL).fetchall()
    return {(name, measure, group): (value, base) for name, measure, group, value, base in rows}


def test_all_published_cumulative_counts_of_51_systems_and_the_nation_come_out_exactly(
    marshall: dict[tuple[str, str, str], tuple[int, int | None]],
) -> None:
    published = _published_marshall()
    assert len(published) == 52
    wrong = [
        (row["name"], measure, group)
        for row in published
        for (measure, group), (count, _) in PUBLISHED.items()
        if marshall[row["name"], measure, group][0] != int(row[count])
    ]
    assert wrong == []


def test_every_published_rate_comes_out_to_its_last_digit(
    marshall: dict[tuple[str, str, str], tuple[int, int | None]],
) -> None:
    compared = 0
    for row in _published_marshall():
        for (measure, group), (_, rate) in PUBLISHED.items():
            value, base = marshall[row["name"], measure, group]
            if row[rate] == "":
                assert group == "staff"
                assert row["name"] in NO_STAFF_COUNT | STAFF_RATE_WITHHELD
                assert (base is None) == (row["name"] in NO_STAFF_COUNT)
                continue
            assert base is not None
            assert value / base == pytest.approx(float(row[rate]), rel=1e-12), (row["name"], measure, group)
            compared += 1
    assert compared == 2 * 52 + 2 * 46


def test_the_nation_s_prisoner_death_rate_is_as_published(
    marshall: dict[tuple[str, str, str], tuple[int, int | None]],
) -> None:
    assert marshall["National", "deaths", "prisoners"] == (2_715, 1_338_692)
    assert f"{2_715 / 1_338_692:.6f}" == "0.002028"


def _published_marshall() -> list[dict[str, str]]:
    with realdata("custody/marshall_covid/covid_prison_rates.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


# Deaths that UCLA publishes per agency and what its own released rows hold: 46 of 50 agree in each year.
# New Mexico's released rows hold no death of 2020 at all.
UCLA_DIFFERS = {
    2019: {"Indiana": (97, 95), "Missouri": (86, 85), "Nebraska": (17, 16), "Utah": (21, 22)},
    2020: {"Indiana": (143, 141), "Kentucky": (77, 72), "New Mexico": (41, 0), "Utah": (36, 39)},
}


@pytest.mark.parametrize("year", [2019, 2020])
def test_ucla_deaths_per_state_match_the_published_ones_but_for_four_named_states(lake: Settings, year: int) -> None:
    death, facility = _table(lake, "register.death"), _table(lake, "register.facility")
    unit = _table(lake, "register.admin_unit")
    with duckdb.connect() as connection:
        for name, table in (("death", death), ("facility", facility), ("unit", unit)):
            connection.register(name, table)
        found: dict[str, int] = dict(
            connection.execute(
                """
                select state.name_en, count(*) from death
                join facility using (facility)
                join unit place on place.unit = facility.unit
                join unit state on state.unit = place.parent
                where death.year = $year group by all
                """,
                {"year": year},
            ).fetchall()
        )
    published = _published_ucla()
    differs = {
        agency: (int(row[f"deaths_{year}"]), found.get(agency, 0))
        for agency, row in published.items()
        if int(row[f"deaths_{year}"]) != found.get(agency, 0)
    }
    assert len(published) == 50
    assert differs == UCLA_DIFFERS[year]
    for agency, row in published.items():
        if agency not in differs:
            base = int(row["population_jun_2019" if year == 2019 else "population_jul_2020"])
            rate = 10_000 * found[agency] / base
            assert rate == pytest.approx(float(row[f"deaths_per_10000_{year}"]), rel=1e-9), agency


def _published_ucla() -> dict[str, dict[str, str]]:
    path = realdata("custody/ucla_deaths_2019_2020/published_agency_rates.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["agency"]: row for row in csv.DictReader(stream) if not row["agency"].startswith("BoP")}


def test_ucla_deaths_per_facility_and_of_the_nation_are_those_of_the_rows(lake: Settings) -> None:
    """The states' published deaths are 3,876 and 5,757; less what the named states differ by they are the rows'."""
    rows = _ucla_rows()
    names = ((row["state_code"], " ".join(row["facility"].upper().split()) or "FACILITY NOT STATED") for row in rows)
    found = Counter(facility.removeprefix("US-") for facility in _table(lake, "register.death")["facility"].to_pylist())
    assert found == Counter(f"{state}/{name}" for state, name in names)
    published = _published_ucla().values()
    for year, deaths, total in ((2019, 3_876, 3_873), (2020, 5_757, 5_712)):
        assert sum(int(row[f"deaths_{year}"]) for row in published) == deaths
        assert sum(row["year"] == str(year) for row in rows) == total
        assert deaths - total == sum(said - held for said, held in UCLA_DIFFERS[year].values())


def test_neither_doubled_rows_nor_days_of_another_year_explain_the_four_states_of_2019() -> None:
    """So rows were left out or added after the counts: there is nothing in them that could be counted otherwise."""
    rows = [row for row in _ucla_rows() if row["year"] == "2019" and row["state_code"] in {"IN", "MO", "NE", "UT"}]
    dated = [tuple(row.values()) for row in rows if row["death_date"] != ""]
    assert len(dated) == len(set(dated)) == 95 + 85
    assert {row["death_date"][:4] for row in rows if row["state_code"] in {"IN", "MO"}} == {"2019"}
    # Nebraska's and Utah's rows have no day; nothing but the year can be checked.
    assert {row["state_code"] for row in rows if row["death_date"] == ""} == {"NE", "UT"}


def _ucla_rows() -> list[dict[str, str]]:
    with realdata("custody/ucla_deaths_2019_2020/deaths.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_all_9585_deaths_and_2296_facilities_are_there_and_every_facility_has_three_tiers(lake: Settings) -> None:
    death, facility = _table(lake, "register.death"), _table(lake, "register.facility")
    assert death.num_rows == len(set(death["death"].to_pylist())) == 9_585
    names = facility["facility"].to_pylist()
    assert sum(name.startswith("ucla-") for name in names) == 2_296
    # The file contradicts itself on one death's day, and says none for 1,231.
    assert death["died"].null_count == 1_231 + 1
    assert set(death["facility"].to_pylist()) <= set(names)
    units = {row["unit"]: row for row in _table(lake, "register.admin_unit").to_pylist()}
    for row in facility.to_pylist():
        city = units[row["unit"]]
        assert (city["tier"], units[city["parent"]]["tier"]) == ("city", "province"), row
        assert units[city["parent"]]["parent"] == "US"


def test_california_s_quarters_and_months_are_all_there_or_missing_in_the_file(lake: Settings) -> None:
    assaults = [
        row for row in _table(lake, "register.reported_count").to_pylist() if row["measure"] == "assaults_on_staff"
    ]
    assert len(assaults) == 5_905 - 536
    assert not any(row["cumulative"] for row in assaults)
    assert {(row["day"].month, row["day"].day) for row in assaults} == {(3, 31), (6, 30), (9, 30), (12, 31)}
    alameda = [row for row in assaults if row["place"] == "US-CA/ALAMEDA SHERIFF'S DEPARTMENT"]
    assert {row["day"].isoformat(): row["value"] for row in alameda}["2020-03-31"] == 23


def test_ice_inspections_keep_last_and_second_to_last_and_the_planned_ones_open(lake: Settings) -> None:
    rows = _table(lake, "register.inspection").to_pylist()
    assert len(rows) == 514 + 451 + 18
    assert sum(row["performed"] is None for row in rows) == 18
    assert {row["outcome"] for row in rows if row["performed"] is None} == {"open"}


def test_importing_all_files_again_adds_nothing(lake: Settings) -> None:
    before = {name: _table(lake, name).num_rows for name in ("register.death", "register.reported_count")}
    later = datetime(2026, 2, 1, tzinfo=UTC)
    for mapping in ("marshall_cases", "ucla_deaths"):
        report = _import(lake, mapping, realdata(FILES[mapping]), later)
        assert sum(count.imported for count in report.counts) == 0
    assert {name: _table(lake, name).num_rows for name in before} == before
