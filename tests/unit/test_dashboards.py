"""Dashboards as data: the bundle, its words, its expressions and the offline check."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import get_args

import duckdb
import pytest
import yaml

from batch_jobs.disclosure.policy import HERE, load_profile
from dashboards.access import Tier, Unit, load_access, rows_of
from dashboards.bundle import FILTERS, Sources, bundle_files, chart_id, load_bundle, stable_id
from dashboards.charts import staff_rules
from dashboards.check import check_all, faults
from dashboards.spec import ASSETS, LANGUAGES, Language, Value, load_dashboards
from infra.settings import SafeholdError, UserError
from ingestion.contracts import QuarantineRow
from tests.support.published import write_published

PUBLISHED = Path("/instance/marts/published.duckdb")


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources.load()


def edited(tmp_path: Path, name: str, old: str, new: str) -> Path:
    """A copy of the assets in which one file's text is changed."""
    folder = tmp_path / "assets"
    shutil.copytree(ASSETS, folder)
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def test_the_dashboards_of_the_checkout_fit_the_publication_models() -> None:
    checked = check_all()
    assert checked.dashboards == 3
    assert checked.charts > 30


def test_the_same_sources_give_the_same_bundle_byte_for_byte(sources: Sources) -> None:
    assert load_bundle(sources, PUBLISHED).archive == load_bundle(Sources.load(), PUBLISHED).archive


def test_ids_follow_from_names_and_never_change(sources: Sources) -> None:
    assert stable_id("dataset", "deaths") == "ea1b0c73-0220-5268-a734-77ffc8d270f0"
    analyst = next(d for d in sources.dashboards if d.audience == "analyst")
    assert chart_id(analyst, "death_rate", "zh") == "8c0f7685-9206-5103-b474-059c0185bdb0"


def test_every_object_of_the_bundle_has_an_id_of_its_own(sources: Sources) -> None:
    ids = [content["uuid"] for content in bundle_files(sources, PUBLISHED).values() if "uuid" in content]
    assert len(ids) == len(set(ids))


def test_every_dashboard_comes_in_both_languages_with_the_same_charts(sources: Sources) -> None:
    files = bundle_files(sources, PUBLISHED)
    for dashboard in sources.dashboards:
        titles = {
            files[f"dashboards/{dashboard.audience}-{language}.yaml"]["dashboard_title"] for language in LANGUAGES
        }
        assert titles == {dashboard.title.zh, dashboard.title.en}
        for name in dashboard.charts:
            assert all(f"charts/{dashboard.audience}_{name}_{language}.yaml" in files for language in LANGUAGES)


def test_a_renamed_column_is_found_with_the_name_of_the_chart_that_reads_it(sources: Sources) -> None:
    deaths = sources.tables["deaths"]
    columns = {("rate" if n == "rate_per_1000_12m" else n): c for n, c in deaths.columns.items()}
    renamed = replace(sources, tables={**sources.tables, "deaths": replace(deaths, columns=columns)})
    found = faults(renamed, load_access())
    assert any("chart death_rate" in line and "rate_per_1000_12m" in line for line in found)
    assert any("各单位死亡率 / Death rates by unit" in line for line in found)


def test_a_column_that_is_no_longer_a_number_is_found(sources: Sources) -> None:
    population = sources.tables["population"]
    columns = {**population.columns, "adp": replace(population.columns["adp"], type="VARCHAR")}
    changed = replace(sources, tables={**sources.tables, "population": replace(population, columns=columns)})
    assert any("chart population" in line and "VARCHAR" in line for line in faults(changed, load_access()))


def test_a_condition_on_a_column_that_is_gone_is_found(sources: Sources) -> None:
    orders = sources.tables["rectification"]
    columns = {n: c for n, c in orders.columns.items() if n != "listed"}
    changed = replace(sources, tables={**sources.tables, "rectification": replace(orders, columns=columns)})
    assert any("chart open_orders" in line and "listed" in line for line in faults(changed, load_access()))


def test_a_new_value_of_a_code_column_needs_words(sources: Sources) -> None:
    accidents = sources.tables["accidents"]
    family = replace(accidents.columns["family"], values=(*accidents.columns["family"].values, "flood"))
    changed = replace(accidents, columns={**accidents.columns, "family": family})
    found = faults(replace(sources, tables={**sources.tables, "accidents": changed}), load_access())
    assert any("'flood'" in line and "words.yaml" in line for line in found)


def test_a_table_that_no_scope_could_be_held_to_is_found(sources: Sources) -> None:
    alerts = sources.tables["alerts"]
    columns = {n: c for n, c in alerts.columns.items() if n != "city"}
    changed = replace(sources, tables={**sources.tables, "alerts": replace(alerts, columns=columns)})
    assert any("alerts has no column 'city'" in line for line in faults(changed, load_access()))


def test_a_dashboard_for_nobody_is_found(sources: Sources) -> None:
    access = load_access()
    users = {name: user for name, user in access.users.items() if "engineer" not in user.audiences}
    found = faults(sources, access.model_copy(update={"users": users}))
    assert found == ["access.yaml: nobody is in the audience of the dashboard 'engineer'"]


def test_a_chart_without_a_title_in_one_language_is_refused_with_file_and_line(tmp_path: Path) -> None:
    folder = edited(tmp_path, "analyst.yaml", "title: {zh: 押容率, en: Occupancy}", "title: {zh: 押容率}")
    with pytest.raises(UserError) as caught:
        load_dashboards(folder)
    assert "occupancy_now.title.en" in caught.value.what
    line = int(caught.value.where.rpartition(":")[2])
    text = (folder / "analyst.yaml").read_text(encoding="utf-8").splitlines()
    assert any("title: {zh: 押容率}" in near for near in text[line - 2 : line + 1])


def test_a_chart_that_is_not_placed_is_refused(tmp_path: Path) -> None:
    folder = edited(tmp_path, "engineer.yaml", "{quarantine: 7, layers: 5}", "{quarantine: 12}")
    with pytest.raises(UserError, match="layers"):
        load_dashboards(folder)


def test_a_row_that_is_too_wide_is_refused(tmp_path: Path) -> None:
    folder = edited(tmp_path, "engineer.yaml", "{quarantine: 7, layers: 5}", "{quarantine: 7, layers: 7}")
    with pytest.raises(UserError, match="12"):
        load_dashboards(folder)


def test_every_reason_for_quarantine_has_words_in_both_languages(sources: Sources) -> None:
    reasons = get_args(QuarantineRow.model_fields["reason"].annotation)
    assert set(sources.words.values["reason"]) == set(reasons)


def test_rows_of_several_units_are_never_added_up(sources: Sources, tmp_path: Path) -> None:
    write_published(tmp_path / "published.duckdb")
    tongue = sources.tongue("population", "zh")
    one = tongue.value_sql(Value(column="person_days"))
    last = tongue.value_sql(Value(column="adp", how="last"))
    with duckdb.connect(str(tmp_path / "published.duckdb"), read_only=True) as db:
        every = db.execute(f"select {one}, {last} from publication.population").fetchone()
        nation = "select {} from publication.population where unit = '00'"
        chosen = db.execute(nation.format(f"{one}, {last}")).fetchone()
        wanted = db.execute(nation.format("sum(person_days)")).fetchone()
        newest = db.execute(nation.format("adp") + " order by month desc limit 1").fetchone()
    assert every == (None, None)
    assert wanted is not None
    assert newest is not None
    assert chosen == (wanted[0], newest[0])


def test_the_latest_figure_stays_unknown_where_the_latest_month_has_none(sources: Sources) -> None:
    last = sources.tongue("deaths", "en").value_sql(Value(column="rate_per_1000_12m", how="last"))
    rows = "values ('33', date '2026-08-01', 2.5), ('33', date '2026-09-01', null)"
    got = duckdb.sql(f"select {last} from ({rows}) as t(unit, month, rate_per_1000_12m)").fetchone()
    assert got == (None,)


@pytest.mark.parametrize(("language", "word"), [("zh", "已隐去"), ("en", "Withheld")])
def test_a_withheld_figure_reads_so_and_a_missing_one_does_not(sources: Sources, language: Language, word: str) -> None:
    sql = sources.tongue("accidents", language).value_sql(Value(column="incidents_12m", how="last", withheld=True))
    for row, shown in (("1234, ''", "1,234"), ("null, 'minor incidents_12m'", word), ("null, 'minor'", None)):
        rows = f"values ('33', date '2026-08-01', 7, ''), ('33', date '2026-09-01', {row})"
        got = duckdb.sql(f"select {sql} from ({rows}) as t(unit, month, incidents_12m, withheld)").fetchone()
        assert got == (shown,)


def test_case_work_is_on_no_dashboard_of_those_who_only_read_statistics(sources: Sources) -> None:
    profiles = [load_profile(path) for path in sorted((HERE / "profiles").glob("*.yaml"))]
    assert profiles
    for profile in profiles:
        for dashboard in sources.dashboards:
            used = {chart.dataset for chart in dashboard.charts.values()}
            assert dashboard.audience in profile.casework_audiences or not used & set(profile.casework)


def test_rules_about_staff_come_from_the_catalogue() -> None:
    assert "'stf-01'" in staff_rules()
    assert "'cel-02'" not in staff_rules()


@pytest.mark.parametrize(
    ("tier", "code", "clause"),
    [
        ("nation", "00", "1 = 1"),
        ("province", "33", "province = '33'"),
        ("city", "3301", "city = '3301'"),
        ("facility", "330101", "facility = '330101'"),
    ],
)
def test_a_scope_is_held_to_its_unit(tier: Tier, code: str, clause: str) -> None:
    assert Unit(code, tier, "", "", None, None).clause == clause


@pytest.mark.parametrize("code", ["", "3", "33' OR '1'='1", "ab", "33 "])
def test_what_is_no_unit_code_is_no_scope(code: str) -> None:
    with pytest.raises(SafeholdError):
        Unit(code, "province", "", "", None, None)


@pytest.mark.parametrize(
    ("tier", "code", "sees"), [("nation", "00", True), ("city", "3301", True), ("facility", "330101", False)]
)
def test_what_is_asked_of_a_facility_is_for_the_tiers_above_it(tier: Tier, code: str, sees: bool) -> None:
    unit = Unit(code, tier, "", "", None, None)
    assert rows_of(load_access(), "under_reporting", unit) == (unit.clause if sees else "1 = 0")
    assert rows_of(load_access(), "deaths", unit) == unit.clause


def test_no_right_of_a_reader_opens_data_exports_or_other_peoples_pages() -> None:
    forbidden = (
        "sql",
        "csv",
        "export",
        "dataset",
        "datasource",
        "database",
        "explore",
        "role",
        "write on dashboard",
        "write on chart",
        "guest",
        "all_",
    )
    rights = [*load_access().reader_rights, *load_access().public_rights]
    allowed = {"can_write on DashboardFilterStateRestApi", "can_write on DashboardPermalinkRestApi"}
    opened = [r for r in rights if r not in allowed and any(word in r.lower() for word in forbidden)]
    assert opened == []


def test_the_readers_database_cannot_be_written_or_left(sources: Sources) -> None:
    database = bundle_files(sources, PUBLISHED)["databases/safehold.yaml"]
    assert database["sqlalchemy_uri"].endswith("?access_mode=read_only")
    config = database["extra"]["engine_params"]["connect_args"]["config"]
    assert config == {"enable_external_access": False, "lock_configuration": True}
    assert not any(
        database[key] for key in ("expose_in_sqllab", "allow_dml", "allow_ctas", "allow_cvas", "allow_csv_upload")
    )


def test_filters_reach_every_chart_of_their_kind_and_no_other(sources: Sources) -> None:
    files = bundle_files(sources, PUBLISHED)
    for dashboard in sources.dashboards:
        made = files[f"dashboards/{dashboard.audience}-zh.yaml"]
        numbers = {
            p["meta"]["uuid"]: p["meta"]["chartId"]
            for p in made["position"].values()
            if isinstance(p, dict) and p.get("type") == "CHART"
        }
        for found in made["metadata"]["native_filter_configuration"]:
            target = FILTERS[found["id"].removeprefix("NATIVE_FILTER-")]
            for name, chart in dashboard.charts.items():
                reached = numbers[chart_id(dashboard, name, "zh")] in found["chartsInScope"]
                assert reached == (
                    chart.of in target.reaches and set(target.needs) <= sources.tables[chart.dataset].columns.keys()
                )


def test_the_words_file_names_only_columns_that_exist(sources: Sources) -> None:
    words = yaml.safe_load((ASSETS / "words.yaml").read_text(encoding="utf-8"))
    columns = {name for table in sources.tables.values() for name in table.columns}
    stems = columns | {name.rpartition("_")[0] for name in columns} | {"unit_choice", "compare_tier"}
    assert set(words["columns"]) <= stems
    assert set(words["values"]) <= columns | {"boolean"}
    assert {name.partition(".")[0] for name in words["colours"]} <= columns
