"""Dashboards as data: the bundle, its words, its expressions and the offline check."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import get_args

import duckdb
import pytest
import yaml
from pydantic import ValidationError

from batch_jobs.disclosure.policy import HERE, load_profile
from dashboards.access import Tier, Unit, load_access, rows_of
from dashboards.bundle import FILTERS, Sources, bundle_files, chart_id, is_crossed, load_bundle, stable_id
from dashboards.charts import indexed, staff_rules
from dashboards.check import check_all, faults
from dashboards.language import APART, MARKS, computed_columns, tile_metrics
from dashboards.pictures import ChartState, chart_faults
from dashboards.published import lacking
from dashboards.spec import ASSETS, LANGUAGES, Language, Text, Value, load_dashboards
from infra.settings import SafeholdError, UserError
from ingestion.contracts import QuarantineRow
from streaming_jobs.catalogue import load_catalogue
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
    assert checked.dashboards == len({d.name for d in load_dashboards()}) >= 11
    assert checked.charts > 80


def test_the_same_sources_give_the_same_bundle_byte_for_byte(sources: Sources) -> None:
    assert load_bundle(sources, PUBLISHED).archive == load_bundle(Sources.load(), PUBLISHED).archive


def test_ids_follow_from_names_and_never_change(sources: Sources) -> None:
    assert stable_id("dataset", "deaths") == "ea1b0c73-0220-5268-a734-77ffc8d270f0"
    analyst = next(d for d in sources.dashboards if d.name == "analyst")
    assert chart_id(analyst, "death_rate", "zh") == "8c0f7685-9206-5103-b474-059c0185bdb0"


def test_every_object_of_the_bundle_has_an_id_of_its_own(sources: Sources) -> None:
    ids = [content["uuid"] for content in bundle_files(sources, PUBLISHED).values() if "uuid" in content]
    assert len(ids) == len(set(ids))


def test_every_dashboard_comes_in_both_languages_with_the_same_charts(sources: Sources) -> None:
    files = bundle_files(sources, PUBLISHED)
    for dashboard in sources.dashboards:
        titles = {files[f"dashboards/{dashboard.name}-{language}.yaml"]["dashboard_title"] for language in LANGUAGES}
        assert titles == {dashboard.title.zh, dashboard.title.en}
        for name in dashboard.charts:
            assert all(f"charts/{dashboard.name}_{name}_{language}.yaml" in files for language in LANGUAGES)


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
    folder = edited(tmp_path, "engineer.yaml", "{feeds: 7, layers: 5}", "{feeds: 12}")
    with pytest.raises(UserError, match="layers"):
        load_dashboards(folder)


def test_a_row_that_is_too_wide_is_refused(tmp_path: Path) -> None:
    folder = edited(tmp_path, "engineer.yaml", "{feeds: 7, layers: 5}", "{feeds: 7, layers: 7}")
    with pytest.raises(UserError, match="12"):
        load_dashboards(folder)


def test_every_reason_for_quarantine_has_words_in_both_languages(sources: Sources) -> None:
    reasons = get_args(QuarantineRow.model_fields["reason"].annotation)
    assert set(sources.words.values["reason"]) == set(reasons)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "published.duckdb"
    write_published(path)
    return path


@pytest.mark.parametrize(
    ("left", "unit"),
    [("true", "00"), ("province = '33'", "33"), ("city = '3301'", "3301"), ("facility = '330101'", "330101")],
)
def test_a_value_is_of_the_highest_unit_that_scope_and_filters_leave(
    sources: Sources, published: Path, left: str, unit: str
) -> None:
    tongue = sources.tongue("population", "zh")
    one = tongue.value_sql(Value(column="person_days"))
    last = tongue.value_sql(Value(column="adp", how="last"))
    with duckdb.connect(str(published), read_only=True) as db:
        shown = db.execute(f"select {one}, {last} from publication.population where {left}").fetchone()
        own = f"from publication.population where unit = '{unit}'"
        wanted = db.execute(f"select sum(person_days), arg_max(adp, month) {own}").fetchone()
    assert shown == wanted


def test_rows_of_several_units_are_never_added_up(sources: Sources, published: Path) -> None:
    tongue = sources.tongue("population", "zh")
    one, last = tongue.value_sql(Value(column="person_days")), tongue.value_sql(Value(column="adp", how="last"))
    with duckdb.connect(str(published), read_only=True) as db:
        two = f"select {one}, {last} from publication.population where unit in ('33', '44')"
        assert db.execute(two).fetchone() == (None, None)


def test_the_latest_figure_stays_unknown_where_the_latest_month_has_none(sources: Sources) -> None:
    last = sources.tongue("deaths", "en").value_sql(Value(column="rate_per_1000_12m", how="last"))
    rows = "values ('33', 'province', date '2026-08-01', 2.5), ('33', 'province', date '2026-09-01', null)"
    got = duckdb.sql(f"select {last} from ({rows}) as t(unit, tier, month, rate_per_1000_12m)").fetchone()
    assert got == (None,)


def test_names_in_filters_are_those_of_the_units_that_rows_lie_in(sources: Sources, published: Path) -> None:
    table = sources.tables["deaths"]
    computed = computed_columns(table, sources.words)
    with duckdb.connect(str(published), read_only=True) as db:
        for name, code, wanted in (("province_name_zh", "province", "浙江省"), ("city_name_en", "city", "Hangzhou")):
            found = f"select distinct {code} from publication.deaths where {computed[name]} = '{wanted}'"
            assert db.execute(found).fetchall() == [("33" if code == "province" else "3301",)]


def test_units_of_one_population_are_two_points_of_a_funnel(sources: Sources) -> None:
    apart = computed_columns(sources.tables["deaths"], sources.words)["adp_12m" + APART]
    rows = "(VALUES (927.5, '330101'), (927.5, '330102'), (927.5, '440101')) AS deaths(adp_12m, unit)"
    found = [row[0] for row in duckdb.sql(f"SELECT {apart} FROM {rows}").fetchall()]
    assert len(set(found)) == 3
    assert all(927.5 <= x < 927.501 for x in found)


def test_an_index_begins_at_a_hundred_in_the_first_month_that_has_a_figure() -> None:
    rows = "values (date '2026-01-01', null), (date '2026-02-01', 40), (date '2026-03-01', 50)"
    sql = f"select {indexed('SUM(v)')} from ({rows}) as t(month, v) group by month order by month"
    assert duckdb.sql(sql).fetchall() == [(None,), (100.0,), (125.0,)]


def test_every_tile_says_name_mark_and_rate(sources: Sources, published: Path) -> None:
    metrics = tile_metrics(sources.tongue("deaths", "zh"))
    rows = "publication.deaths where tier = 'province' and month = date '2026-10-01'"
    with duckdb.connect(str(published), read_only=True) as db:
        got = db.execute(f"select {', '.join(metrics.values())} from {rows}").fetchone()
        rate = db.execute(f"select format('{{:.2f}}', rate_per_1000_12m) from {rows} and unit = '33'").fetchone()
    assert got is not None
    assert rate is not None
    tiles = [text for text in got if text]
    assert len(tiles) == 2
    assert any(text.startswith("浙江省 ") and text.split()[1] in MARKS.values() for text in tiles)
    assert any(text.endswith(rate[0]) for text in tiles)


def test_a_click_on_a_unit_turns_the_charts_of_the_unit_and_not_the_comparison(sources: Sources) -> None:
    deaths = next(d for d in sources.dashboards if d.name == "deaths")
    clicked = deaths.charts["facilities"]
    assert is_crossed(clicked, deaths.charts["death_rate"], sources)
    assert not is_crossed(clicked, deaths.charts["outside"], sources)
    assert not is_crossed(clicked, deaths.charts["freshness"], sources)


@pytest.mark.parametrize(("language", "word"), [("zh", "已隐去"), ("en", "Withheld")])
def test_a_withheld_figure_reads_so_and_a_missing_one_does_not(sources: Sources, language: Language, word: str) -> None:
    sql = sources.tongue("accidents", language).value_sql(Value(column="incidents_12m", how="last", withheld=True))
    for row, shown in (("1234, ''", "1,234"), ("null, 'minor incidents_12m'", word), ("null, 'minor'", None)):
        rows = f"values ('33', date '2026-08-01', 7, ''), ('33', date '2026-09-01', {row})"
        table = f"(select 'province' as tier, * from ({rows}) as t(unit, month, incidents_12m, withheld))"
        got = duckdb.sql(f"select {sql} from {table}").fetchone()
        assert got == (shown,)


def test_a_share_is_of_the_units_own_row_and_nothing_where_the_whole_is_nought(sources: Sources) -> None:
    value = Value(
        column="visits_missed", how="last", share_of="visits_scheduled", label=Text(zh="漏巡率", en="Missed"), unit="%"
    )
    sql = sources.tongue("patrols", "en").value_sql(value)
    for planned, shown in ((40, 5.0), (0, None)):
        rows = f"('nation', '00', date '2026-08-01', 9, 10), ('nation', '00', date '2026-09-01', 2, {planned})"
        columns = "t(tier, unit, month, visits_missed, visits_scheduled)"
        below = "('facility', '330101', date '2026-09-01', 1, 1)"
        got = duckdb.sql(f"select {sql} from (values {rows}, {below}) as {columns}").fetchone()
        assert got == (shown,)


def test_a_share_without_a_name_of_its_own_is_refused() -> None:
    with pytest.raises(ValidationError, match="label"):
        Value(column="visits_missed", share_of="visits_scheduled", unit="%")


def test_a_chart_that_shows_nothing_is_a_fault_unless_it_says_why_that_is_fair() -> None:
    rules = next(d for d in load_dashboards() if d.name == "rules")
    titles = ("What happened to the rules", "Sources that are behind")
    states = [ChartState(title, loading=False, error="", empty=True, drawn=False) for title in titles]
    assert chart_faults(rules, "en", states) == ["Sources that are behind: shows nothing"]
    broken = ChartState(titles[0], loading=False, error="no such column", empty=False, drawn=False)
    assert chart_faults(rules, "en", [broken]) == ["What happened to the rules: no such column"]
    notes = [
        f["description"] for f in bundle_files(Sources.load(), PUBLISHED).values() if f.get("slice_name") == titles[0]
    ]
    assert any("no rule was changed" in note for note in notes)


def test_rules_and_metrics_that_a_chart_names_exist(sources: Sources) -> None:
    rules = {rule.id for rule in load_catalogue()}
    metrics = {path.stem for path in (ASSETS.parents[1] / "docs/reference/metrics").glob("*.md")}
    for dashboard in sources.dashboards:
        for chart in dashboard.charts.values():
            text = " ".join(chart.where)
            assert set(re.findall(r"'([a-z]{3}-\d{2}[a-z]?)'", text)) <= rules
            if chart.dataset == "metrics" and "metric IN" in text:
                assert set(re.findall(r"'([a-z_]+)'", text.split("metric IN")[1])) <= metrics


def test_a_published_file_that_is_older_than_the_models_is_told_by_what_it_lacks(
    sources: Sources, tmp_path: Path
) -> None:
    path = tmp_path / "published.duckdb"
    write_published(path)
    assert lacking(path, sources.tables) == ()
    with duckdb.connect(str(path)) as db:
        db.execute("alter table publication.deaths drop column withheld")
        db.execute("drop table publication.units")
    found = lacking(path, sources.tables)
    assert found[0] == "deaths.withheld"
    assert {name.split(".")[0] for name in found[1:]} == {"units"}


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
        made = files[f"dashboards/{dashboard.name}-zh.yaml"]
        numbers = {
            p["meta"]["uuid"]: p["meta"]["chartId"]
            for p in made["position"].values()
            if isinstance(p, dict) and p.get("type") == "CHART"
        }
        for found in made["metadata"]["native_filter_configuration"]:
            target = FILTERS[found["id"].removeprefix("NATIVE_FILTER-")]
            for name, chart in dashboard.charts.items():
                reached = numbers[chart_id(dashboard, name, "zh")] in found["chartsInScope"]
                has_column = target.needs in sources.tables[chart.dataset].columns
                late_only = target.needs == "month" and chart.latest
                assert reached == (chart.of in target.reaches and has_column and not late_only)


def test_the_words_file_names_only_columns_that_exist(sources: Sources) -> None:
    words = yaml.safe_load((ASSETS / "words.yaml").read_text(encoding="utf-8"))
    columns = {name for table in sources.tables.values() for name in table.columns}
    stems = columns | {name.rpartition("_")[0] for name in columns} | {"compare_tier"}
    assert set(words["columns"]) <= stems
    assert set(words["values"]) <= columns | {"boolean"}
    assert {name.partition(".")[0] for name in words["colours"]} <= columns
