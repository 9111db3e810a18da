"""A real Superset of its own home and port: deployed twice, asked as every kind of reader, seen in a browser."""

from __future__ import annotations

import json
import os
import time
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests

from dashboards.access import load_access
from dashboards.bundle import slug
from dashboards.client import Client
from dashboards.deploy import clear_cache
from dashboards.language import UNITS
from dashboards.pictures import log_in, open_browser, take_picture
from dashboards.spec import load_dashboards
from infra.local.dashboards import deploy_dashboards, logins, take_pictures
from infra.local.superset import Superset
from infra.settings import SafeholdError, Settings
from tests.support.browser import browser_path
from tests.support.published import write_published
from tests.support.superset import Running

pytestmark = pytest.mark.browser
CHART_OF_DATASET = {c.dataset: (d.name, name) for d in load_dashboards() for name, c in d.charts.items()}
"""One chart for each dataset: row security belongs to the dataset, a chart only leads to it."""


@cache
def _charts(running: Running, board: str) -> dict[str, tuple[int, int]]:
    """`(chart id, dashboard id)` of a dashboard's Chinese charts, by chart title."""
    dashboard = running.here.dashboards[f"{board}-zh"]
    found = running.admin.get(f"/api/v1/dashboard/{dashboard}/charts")["result"]
    return {chart["slice_name"]: (chart["id"], dashboard) for chart in found}


def _ask(
    running: Running, client: Client, board: str, name: str, columns: list[str], **query: Any
) -> requests.Response:
    """Ask for rows as a chart of the dashboard does, but for columns of one's own choice."""
    chart = next(d for d in load_dashboards() if d.name == board).charts[name]
    chart_id, dashboard = _charts(running, board)[chart.title.zh]
    body = {
        "datasource": {"id": running.here.datasets[chart.dataset], "type": "table"},
        "form_data": {"slice_id": chart_id, "dashboardId": dashboard},
        "queries": [{"columns": columns, "metrics": [], "row_limit": 10000, **query}],
        "result_format": "json",
        "result_type": "full",
    }
    return client.request("POST", "/api/v1/chart/data", json=body)


def _rows(answer: requests.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text[:500]
    rows: list[dict[str, Any]] = answer.json()["result"][0]["data"]
    return rows


def _units_of(settings: Settings, table: str, where: str) -> set[str]:
    with duckdb.connect(str(settings.published_db), read_only=True) as db:
        return {r[0] for r in db.execute(f"select distinct unit from publication.{table} where {where}").fetchall()}


def test_a_second_deploy_keeps_every_id_and_makes_no_user(running: Running) -> None:
    charts = {c["id"] for c in running.admin.everything("/api/v1/chart/")}
    again = deploy_dashboards(running.settings)
    assert (again.dashboards, again.datasets, again.users_made) == (
        running.here.dashboards,
        running.here.datasets,
        (),
    )
    assert {c["id"] for c in running.admin.everything("/api/v1/chart/")} == charts


def test_the_first_deploy_made_the_shipped_users_with_passwords_of_their_own(running: Running) -> None:
    assert set(running.first.users_made) == set(load_access(running.settings.access).users)
    known = logins(running.settings)
    assert len(set(known.values())) == len(known) >= 5
    assert running.first.logins.stat().st_mode & 0o077 == 0
    keys = running.settings.secrets / "superset-keys.json"
    assert keys.stat().st_mode & 0o077 == 0
    for guess in ("admin", "password", "safehold"):
        with pytest.raises(SafeholdError, match="refused the log-in"):
            Client(running.address, "admin", guess)


def test_every_dataset_is_behind_some_chart_that_a_test_asks(running: Running) -> None:
    # The table of units is behind filters only.
    assert set(CHART_OF_DATASET) | {UNITS} == set(running.here.datasets)


def test_every_dataset_carries_the_rule_that_denies_and_the_scopes(running: Running) -> None:
    rules = running.admin.everything("/api/v1/rowlevelsecurity/")
    every = set(running.here.datasets)
    named = {rule["name"]: {table["table_name"].rpartition(".")[2] for table in rule["tables"]} for rule in rules}
    assert named["Safehold: no scope, no rows"] == every
    assert named["Safehold: scope 33"] | named["Safehold: every scope, common"] == every


def test_a_dataset_that_somebody_made_by_hand_is_closed_by_the_next_deploy(running: Running) -> None:
    database = running.admin.everything("/api/v1/database/")[0]["id"]
    sql = "SELECT * FROM published.publication.deaths"
    body = {"database": database, "schema": "publication", "table_name": "deaths by hand", "sql": sql}
    made = running.admin.call("POST", "/api/v1/dataset/", json=body)["id"]
    try:
        deploy_dashboards(running.settings)
        rules = {rule["name"]: rule["tables"] for rule in running.admin.everything("/api/v1/rowlevelsecurity/")}
        assert made in {table["id"] for table in rules["Safehold: no scope, no rows"]}
        assert made not in {table["id"] for table in rules["Safehold: scope 00"]}
    finally:
        running.admin.call("DELETE", f"/api/v1/dataset/{made}")


@pytest.mark.parametrize("table", sorted(CHART_OF_DATASET))
@pytest.mark.parametrize(
    ("user", "where"),
    [
        ("reads-00", "true"),
        ("reads-33", "province = '33'"),
        ("reads-3301", "city = '3301'"),
        ("reads-330101", "facility = '330101'"),
        ("no-scope", "false"),
    ],
)
def test_a_reader_sees_the_units_of_his_scope_in_every_dataset_and_no_other(
    running: Running, sessions: dict[str, Client], table: str, user: str, where: str
) -> None:
    audience, name = CHART_OF_DATASET[table]
    if table in load_access().seen_by_every_scope and user != "no-scope":
        where = "true"
    if table in load_access().hidden_from_facilities and user == "reads-330101":
        where = "false"
    seen = {row["unit"] for row in _rows(_ask(running, sessions[user], audience, name, ["unit"]))}
    assert seen == _units_of(running.settings, table, where)


@pytest.fixture(scope="module")
def sessions(running: Running) -> dict[str, Client]:
    """Sessions of the test's readers, by name."""
    return {name: running.client(name) for name in ("reads-00", "reads-33", "reads-3301", "reads-330101", "no-scope")}


@pytest.mark.parametrize(
    "query",
    [
        {"extras": {"where": "1 = 1) OR (1 = 1"}},
        {"extras": {"having": "1 = 1) OR (1 = 1"}},
        {"filters": [{"col": "province", "op": "IN", "val": ["44", "33') OR ('1' = '1"]}]},
        {"filters": [{"col": "province", "op": "==", "val": "44"}]},
        {"extras": {"where": "unit IN (SELECT unit FROM publication.population)"}},
        {
            "columns": [
                {
                    "label": "unit",
                    "sqlExpression": "(SELECT MAX(unit) FROM publication.population)",
                    "expressionType": "SQL",
                }
            ]
        },
    ],
    ids=["where", "having", "filter text", "filter value", "subquery", "column"],
)
def test_no_injected_condition_shows_a_province_user_another_province(
    running: Running, sessions: dict[str, Client], query: dict[str, Any]
) -> None:
    columns = query.pop("columns", ["unit"])
    answer = _ask(running, sessions["reads-33"], "analyst", "population", columns, **query)
    if answer.status_code == 200:
        assert {row["unit"][:2] for row in _rows(answer)} <= {"33"}


def test_answers_kept_for_one_reader_are_not_given_to_another(running: Running, sessions: dict[str, Client]) -> None:
    for _ in range(2):
        wide = {
            row["unit"] for row in _rows(_ask(running, sessions["reads-00"], "deaths", "deaths_by_class", ["unit"]))
        }
        narrow = {
            row["unit"] for row in _rows(_ask(running, sessions["reads-33"], "deaths", "deaths_by_class", ["unit"]))
        }
        assert "44" in wide
        assert narrow == {unit for unit in wide if unit.startswith("33")}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/sqllab/execute/"),
        ("GET", "/api/v1/dataset/"),
        ("GET", "/api/v1/dataset/1"),
        ("GET", "/api/v1/database/"),
        ("GET", "/api/v1/dashboard/export/?q=[1]"),
        ("GET", "/api/v1/chart/export/?q=[1]"),
        ("GET", "/api/v1/assets/export/"),
        ("GET", "/api/v1/security/roles/"),
        ("GET", "/api/v1/security/users/"),
        ("GET", "/api/v1/rowlevelsecurity/"),
        ("POST", "/api/v1/security/guest_token/"),
        ("POST", "/datasource/samples?datasource_id=6&datasource_type=table"),
        ("GET", "/api/v1/datasource/table/6/column/unit/values/"),
        ("GET", "/explore/?slice_id=1"),
        ("GET", "/sqllab/"),
    ],
)
def test_a_reader_reaches_no_tool_that_goes_around_the_dashboards(
    running: Running, sessions: dict[str, Client], method: str, path: str
) -> None:
    answer = sessions["reads-00"].request(method, path, json={} if method == "POST" else None, allow_redirects=False)
    # Pages send the reader elsewhere (302); the API refuses, or does not say that there is anything.
    assert answer.status_code in (302, 400, 401, 403, 404), answer.text[:300]
    assert "330101" not in answer.text
    if answer.status_code == 400:
        assert "csrf" in answer.text.lower() or "CSRF" in answer.text


def test_a_reader_takes_no_table_away_as_a_file(running: Running, sessions: dict[str, Client]) -> None:
    chart = next(d for d in load_dashboards() if d.name == "analyst").charts["population"]
    chart_id, dashboard = _charts(running, "analyst")[chart.title.zh]
    for kind in ("csv", "xlsx"):
        body = {
            "datasource": {"id": running.here.datasets["population"], "type": "table"},
            "form_data": {"slice_id": chart_id, "dashboardId": dashboard},
            "queries": [{"columns": ["unit"], "metrics": []}],
            "result_format": kind,
            "result_type": "full",
        }
        assert sessions["reads-00"].request("POST", "/api/v1/chart/data", json=body).status_code == 403


def test_a_dataset_is_closed_without_a_dashboard_that_is_the_readers(running: Running) -> None:
    inspector = running.client("inspector")
    table = {"id": running.here.datasets["deaths"], "type": "table"}
    query = [{"columns": ["unit"], "metrics": []}]
    plain = inspector.request("POST", "/api/v1/chart/data", json={"datasource": table, "queries": query})
    assert plain.status_code == 403
    foreign = _ask(running, inspector, "deaths", "deaths_by_class", ["unit"])
    assert foreign.status_code == 403
    page = inspector.request("GET", f"/api/v1/dashboard/{running.here.dashboards['analyst-zh']}")
    assert page.status_code in (403, 404)


def test_nobody_gets_in_without_a_log_in(running: Running) -> None:
    body = {"datasource": {"id": 1, "type": "table"}, "queries": [{"columns": ["unit"], "metrics": []}]}
    assert requests.post(f"{running.address}/api/v1/chart/data", json=body, timeout=60).status_code == 401
    assert requests.get(f"{running.address}/api/v1/dashboard/", timeout=60).json().get("count", 0) == 0
    page = requests.get(f"{running.address}/superset/dashboard/analyst-zh/", timeout=60, allow_redirects=False)
    assert page.status_code == 302
    assert "/login" in page.headers["Location"]


def test_a_disabled_user_gets_no_session(running: Running) -> None:
    with pytest.raises(SafeholdError, match="refused the log-in"):
        running.client("disabled")


def test_pages_may_talk_to_this_server_only(running: Running) -> None:
    policy = requests.get(f"{running.address}/login/", timeout=60).headers["Content-Security-Policy"]
    hosts = [word for part in policy.split(";") for word in part.split()[1:] if word.startswith("http")]
    assert hosts == []


def test_statistics_of_the_log_in_page_leave_the_session_alone(running: Running) -> None:
    session = requests.Session()
    session.get(f"{running.address}/login/", timeout=60)
    answer = session.post(f"{running.address}/superset/log/?explode=events", data={"events": "[]"}, timeout=60)
    assert answer.status_code == 204
    assert "Set-Cookie" not in answer.headers


def test_a_reader_logs_in_on_the_page_in_chinese_and_finds_his_dashboards(running: Running) -> None:
    browser_path()
    with open_browser() as browser:
        page = browser.new_page(service_workers="block")
        page.set_default_timeout(60_000)
        page.goto(f"{running.address}/login/", wait_until="networkidle")
        assert "登录" in page.inner_text("body")
        page.fill("#username", "analyst")
        page.fill("#password", logins(running.settings)["analyst"])
        page.press("#password", "Enter")
        page.wait_for_url(lambda url: "/login" not in url, wait_until="domcontentloaded")
        page.goto(f"{running.address}/dashboard/list/")
        titles = {d.name: d.title.zh for d in load_dashboards()}
        page.wait_for_selector(f"text={titles['analyst']}")
        assert page.locator(f"text={titles['inspection']}").count() == 0


def test_pictures_are_taken_of_every_dashboard_of_an_audience(running: Running, tmp_path: Path) -> None:
    browser_path()
    boards = [d for d in load_dashboards() if d.audience == "engineer"]
    taken = take_pictures(running.settings, tmp_path, ["zh"], ["engineer"])
    assert [t.path.name for t in taken] == [f"{d.name}-zh.png" for d in boards]
    assert [t.charts for t in taken] == [len(d.charts) for d in boards]
    assert all(t.path.stat().st_size > 50_000 for t in taken)


def test_a_province_user_sees_his_province_chosen_and_no_chart_empty(running: Running, tmp_path: Path) -> None:
    browser_path()
    analyst = next(d for d in load_dashboards() if d.name == "analyst")
    with open_browser() as browser:
        context = log_in(browser, running.address, "analyst-33", logins(running.settings)["analyst-33"])
        states = take_picture(
            context, running.address, slug(analyst, "en"), "en", len(analyst.charts), tmp_path / "a.png"
        )
    assert [(s.title, s.error) for s in states if s.error or s.empty] == []


def test_a_new_publication_shows_once_the_cache_is_dropped_and_a_broken_chart_is_named(
    running: Running, sessions: dict[str, Client], tmp_path: Path
) -> None:
    browser_path()
    before = running.settings.published_db.read_bytes()
    other = tmp_path / "published.duckdb"
    write_published(other, seed=8)
    with duckdb.connect(str(other)) as db:
        db.execute("update publication.population set adp = 4242 where tier = 'nation'")
        db.execute("drop table publication.risk_levels")
    os.replace(other, running.settings.published_db)
    try:
        clear_cache(running.settings.superset)
        adp = {
            row["adp"]
            for row in _rows(_ask(running, sessions["reads-00"], "analyst", "population", ["tier", "adp"]))
            if row["tier"] == "nation"
        }
        assert adp == {4242.0}
        with pytest.raises(SafeholdError, match="风险等级人数表"):
            take_pictures(running.settings, tmp_path, ["zh"], ["analyst"])
    finally:
        other.write_bytes(before)
        os.replace(other, running.settings.published_db)
        clear_cache(running.settings.superset)


def test_a_second_start_is_quick_and_keeps_what_was_there(running: Running) -> None:
    log = running.settings.logs / "superset-provision.log"
    before = log.read_bytes()
    service = Superset()
    service.stop(running.settings)
    assert not service.is_running(running.settings)
    began = time.monotonic()
    service.start(running.settings)
    assert time.monotonic() - began < 60
    assert log.read_bytes() == before
    assert service.address(running.settings) == running.address
    assert json.loads((running.settings.secrets / "logins.json").read_text(encoding="utf-8")) == logins(
        running.settings
    )
