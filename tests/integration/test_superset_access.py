"""Every kind of reader asks a real Superset for everything, and gets the rows of his scope and no other."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import duckdb
import pytest
import requests
import yaml

from dashboards.access import Unit, load_access, rows_of
from dashboards.client import Client
from dashboards.deploy import clear_cache
from dashboards.edits import read_export
from dashboards.grants import scope_rule
from dashboards.published import published_tables
from dashboards.spec import load_dashboards
from infra.local.dashboards import apply_access_here, check_access_here, logins
from infra.settings import SafeholdError
from tests.support.probe import (
    Ask,
    Reader,
    Report,
    asks_around,
    asks_of_table,
    leaks,
    page_session,
    probe,
    probe_all,
    session,
)
from tests.support.superset import Running, reader, write_access

pytestmark = pytest.mark.browser

LEAST_ASKED = 2000


@cache
def _chart_of(running: Running, table: str) -> tuple[int, int]:
    """`(chart, dashboard)` of some chart on the table: row security belongs to the table."""
    uuids = {item["id"]: item["slug"] for item in running.admin.everything("/api/v1/dashboard/")}
    dataset = running.here.datasets[table]
    for chart in running.admin.everything("/api/v1/chart/"):
        if chart["datasource_id"] == dataset:
            for dashboard in chart["dashboards"]:
                if uuids[dashboard["id"]] in running.here.dashboards:
                    return chart["id"], dashboard["id"]
    raise AssertionError(f"no chart on {table}")


def _tables() -> list[str]:
    return sorted({chart.dataset for dashboard in load_dashboards() for chart in dashboard.charts.values()})


PLAIN = {"count", "units", "all columns", "samples", "drill to detail", "drill by", "rows of a dashboard", "csv"}
"""Ways of asking that show whether rows are open; where this is the question, the others add nothing."""


def _asks(running: Running, tables: list[str], names: set[str] | None = None) -> list[Ask]:
    return [
        ask
        for table in tables
        for ask in asks_of_table(
            table, running.here.datasets[table], *_chart_of(running, table), list(published_tables()[table].columns)
        )
        if names is None or ask.name in names
    ]


@cache
def _boards(running: Running) -> list[tuple[str, int, str]]:
    """Slug, id and UUID of the shipped dashboards."""
    found = running.admin.everything("/api/v1/dashboard/")
    return sorted((b["slug"], b["id"], b["uuid"]) for b in found if b["slug"] in running.here.dashboards)


@cache
def _database(running: Running) -> int:
    return int(running.admin.everything("/api/v1/database/")[0]["id"])


def _around(running: Running, turn: int) -> list[Ask]:
    """Everything that is no chart's, with one of the dashboards; the next reader gets the next one."""
    boards = _boards(running)
    chart, _ = _chart_of(running, "population")
    return asks_around([boards[turn % len(boards)]], running.here.datasets["population"], chart, _database(running))


def _reader(
    running: Running, user: str, scope: str | None, log_in: Callable[[str, str, str], requests.Session] = session
) -> Reader:
    """A logged-in reader of a unit's rows."""
    password = logins(running.settings)[user]
    return _known_reader(running, user, scope, log_in(running.address, user, password))


def _known_reader(running: Running, user: str, scope: str | None, asking: requests.Session) -> Reader:
    unit = running.units.get(scope or "")
    access = load_access(running.settings.access)
    common = access.seen_by_every_scope
    every = running.units.values()
    own = frozenset(u for u in every if unit is not None and unit.holds(u))
    nation = frozenset(u for u in every if unit is not None and u.tier == "nation")

    @cache
    def rows(table: str) -> int:
        if unit is None:
            return 0
        clause = rows_of(access, table, unit)
        with duckdb.connect(str(running.settings.published_db), read_only=True) as db:
            found = db.execute(f"select count(*) from publication.{table} where {clause}").fetchone()
        assert found is not None
        return int(found[0])

    def visible(table: str) -> frozenset[Unit]:
        return own | nation if table in common or not table else own

    return Reader(user, asking, visible, rows)


def _every(running: Running) -> frozenset[Unit]:
    return frozenset(running.units.values())


@contextmanager
def _changed_rule(running: Running, name: str, **changes: Any) -> Iterator[None]:
    """A row-security rule that somebody changed, or removed if nothing is named; put back afterwards."""
    admin = running.admin
    rule = next(rule for rule in admin.everything("/api/v1/rowlevelsecurity/") if rule["name"] == name)
    path = f"/api/v1/rowlevelsecurity/{rule['id']}"
    body = {key: rule[key] for key in ("name", "filter_type", "group_key", "clause")}
    body |= {key: [item["id"] for item in rule[key]] for key in ("roles", "tables")}
    if changes:
        admin.call("PUT", path, json=body | changes)
    else:
        admin.call("DELETE", path)
    try:
        yield
    finally:
        apply_access_here(running.settings)


@pytest.fixture(scope="module")
def report(running: Running) -> Report:
    """What the probe found, asking as everybody.

    Every reader asks a table or two in every way and counts the rows of all; the next reader takes the next, so that
    each table is asked by one who reads a unit's rows. Pages, tools and writing are tried by one reader of each kind:
    they hang on rights, and units of one tier have the same (`check_access_here` tells if they had not).
    """
    scopes: dict[str, str | None] = {reader(code): code for code in running.units}
    scopes |= {"inspector": "00", "engineer": "00", "inspects-3301": "3301", "engineers-33": "33"}
    scopes |= {"no-scope": None, "unknown-scope": None}
    readers = [_reader(running, user, scope) for user, scope in scopes.items()]
    readers.append(_known_reader(running, "nobody", None, session(running.address, "", "")))
    tables = _tables()
    asks = {table: _asks(running, [table]) for table in tables}
    counts = [ask for table in tables for ask in asks[table] if ask.name == "count"]
    kinds = {
        *(reader(code) for code in ("00", "33", "3301", "330101")),
        *("inspector", "engineer", "no-scope", "nobody"),
    }
    turns = []
    units = len(running.units)
    for turn, each in enumerate(readers):
        in_every_way = [ask for table in tables[turn % units :: units] for ask in asks[table]]
        turns.append((each, counts + in_every_way + (_around(running, turn) if each.user in kinds else [])))
    return probe_all(running.address, turns, _every(running))


def test_the_probe_asks_thousands_of_times_and_finds_no_leak(report: Report) -> None:
    assert [str(leak) for leak in report.leaks] == []
    assert report.asked.total() >= LEAST_ASKED


def test_every_reader_with_a_scope_was_given_rows_by_the_probe_and_nobody_else(
    running: Running, report: Report
) -> None:
    with_scope = {reader(code) for code in running.units} | {"inspector", "engineer", "inspects-3301", "engineers-33"}
    assert {user for user, times in report.with_rows.items() if times} == with_scope


def test_no_request_of_a_reader_makes_the_server_fail(report: Report) -> None:
    assert report.broken == []


def test_what_is_not_for_readers_is_never_answered(report: Report) -> None:
    shut = {
        "csv",
        "xlsx",
        "samples of a dataset",
        "filter values",
        "dataset",
        "no dashboard",
        "explore api",
        "explore a dataset",
    }
    shut |= {"write or tool", "write dashboard", "delete dashboard", "copy dashboard", "embed", "guest token"}
    shut |= {"thumbnail", "screenshot", "warm up", "other kind of source", "explore json"}
    assert shut <= report.asked.keys()
    assert {name: report.answered[name] for name in shut if report.answered[name]} == {}


def test_nothing_that_readers_tried_changed_what_is_deployed(running: Running, report: Report) -> None:
    assert report.asked
    assert check_access_here(running.settings) == []


def test_the_probe_sees_a_rule_that_somebody_widened(running: Running) -> None:
    narrow = _reader(running, reader("33"), "33")
    with _changed_rule(running, scope_rule("33"), clause="1 = 1"):
        found = probe(running.address, narrow, _every(running), _asks(running, ["deaths"], PLAIN)).leaks
        told = [str(difference) for difference in check_access_here(running.settings)]
    assert {leak.what for leak in found} >= {"4401", "440101", "广州市"}
    assert any("rows instead of" in leak.what for leak in found)
    assert told == ["rule Safehold: scope 33: clause is '1 = 1', should be \"province = '33'\""]
    assert probe(running.address, narrow, _every(running), _asks(running, ["deaths"], PLAIN)).leaks == []


def test_the_probe_sees_a_scope_that_somebody_was_given(running: Running) -> None:
    admin = running.admin
    roles = {role["name"]: role["id"] for role in admin.everything("/api/v1/security/roles/")}
    user = next(u for u in admin.everything("/api/v1/security/users/") if u["username"] == "engineers-33")
    wider = [*(role["id"] for role in user["roles"]), roles["Safehold scope 44"]]
    narrow = _reader(running, "engineers-33", "33")
    admin.call("PUT", f"/api/v1/security/users/{user['id']}", json={"roles": wider})
    try:
        found = probe(running.address, narrow, _every(running), _asks(running, ["alerts_by_rule_hour"], PLAIN)).leaks
        told = [str(difference) for difference in check_access_here(running.settings)]
    finally:
        apply_access_here(running.settings)
    assert any(leak.what == "440101" for leak in found)
    assert told == ["user engineers-33: roles: too much: Safehold scope 44"]


@pytest.mark.parametrize("user", ["no-scope", reader("33")])
def test_rules_that_are_lost_open_nothing(running: Running, user: str) -> None:
    """Superset by itself would give every row of a dataset without a rule."""
    asking = _reader(running, user, "33" if user == reader("33") else None)
    with (
        _changed_rule(running, "Safehold: no scope, no rows"),
        _changed_rule(running, scope_rule("33")),
    ):
        found = probe(running.address, asking, _every(running), _asks(running, ["deaths"], PLAIN))
        told = {str(difference) for difference in check_access_here(running.settings)}
    assert {leak.what for leak in found.leaks} <= {f"0 rows instead of {asking.rows('deaths')}"}
    assert told == {f"rule {name}: is missing" for name in ("Safehold: no scope, no rows", scope_rule("33"))}


@pytest.mark.parametrize("table", ["accidents", "deaths", "risk_levels"])
def test_the_most_that_a_reader_can_take_are_published_rows_with_cells_withheld(running: Running, table: str) -> None:
    """The gate attacks the published rows by differencing; here is shown that no reader has more to start from."""
    known = _reader(running, reader("00"), "00")
    numbers = [c.name for c in published_tables()[table].columns.values() if c.type in ("BIGINT", "DOUBLE")]
    ask = next(ask for ask in _asks(running, [table]) if ask.name == "all columns")
    body = ask.body | {"queries": [ask.body["queries"][0] | {"columns": ["unit", *numbers], "orderby": []}]}
    answer = known.session.post(f"{running.address}{ask.path}", json=body, timeout=120).json()["result"][0]["data"]
    with duckdb.connect(str(running.settings.published_db), read_only=True) as db:
        # A chart groups by the columns that it shows.
        select = ", ".join(["unit", *numbers])
        published = db.execute(f"select distinct {select} from publication.{table}").fetchall()
    assert {tuple(row[name] for name in ("unit", *numbers)) for row in answer} == set(published)
    assert any(None in row for row in published)


def _page(running: Running, scope: str) -> requests.Session:
    return page_session(running.address, reader(scope), logins(running.settings)[reader(scope)])


def _seen(running: Running, asking: requests.Session) -> tuple[bool, set[str]]:
    """Whether the answer to one chart's question was a kept one, and the units in it."""
    ask = next(ask for ask in _asks(running, ["deaths"]) if ask.name == "units")
    answer = asking.post(f"{running.address}{ask.path}", json=ask.body, timeout=120)
    assert answer.status_code == 200, answer.text[:300]
    return "Cache-Status" in answer.headers, {row["unit"] for row in answer.json()["result"][0]["data"]}


def test_a_kept_answer_goes_to_readers_of_the_same_roles_only(running: Running) -> None:
    apply_access_here(running.settings)
    clear_cache(running.settings.superset)
    nation, province, again = (_page(running, scope) for scope in ("00", "33", "33"))
    seen = [_seen(running, asking) for asking in (nation, province, nation, province, again)]
    assert [kept for kept, _ in seen] == [False, False, True, True, True]
    assert seen[0][1] == seen[2][1] == set(running.units)
    assert seen[1][1] == seen[3][1] == seen[4][1] == {u for u in running.units if u.startswith("33")}


def test_a_kept_answer_ends_with_whatever_may_change_it(running: Running) -> None:
    province = _page(running, "33")

    def fresh() -> set[str]:
        """The units of an answer that was made anew, and is kept from now on."""
        was_kept, units = _seen(running, province)
        assert not was_kept
        assert _seen(running, province) == (True, units)
        return units

    clear_cache(running.settings.superset)
    own = fresh()
    with _changed_rule(running, scope_rule("33"), clause="province = '44'"):
        assert fresh() == {u for u in running.units if u.startswith("44")}
    assert fresh() == own
    os.utime(running.settings.published_db)
    assert fresh() == own


def test_a_kept_answer_is_not_given_to_who_may_come_in_no_more(running: Running) -> None:
    user, path = "to-expire", running.settings.superset / "expires.json"
    asking = page_session(running.address, user, logins(running.settings)[user])
    clear_cache(running.settings.superset)
    assert [_seen(running, asking)[0] for _ in range(2)] == [False, True]
    before = path.read_text(encoding="utf-8")
    path.write_text(json.dumps({user: "2020-01-01"}), encoding="utf-8")
    try:
        ask = next(ask for ask in _asks(running, ["deaths"]) if ask.name == "units")
        answer = asking.post(f"{running.address}{ask.path}", json=ask.body, timeout=120, allow_redirects=False)
    finally:
        path.write_text(before, encoding="utf-8")
    assert answer.status_code in (302, 401, 403)


def test_the_probe_finds_no_leak_in_kept_answers(running: Running) -> None:
    asks = _asks(running, ["deaths", "accidents", "alert_answers"], PLAIN)
    known = [_reader(running, reader(s), s, page_session) for s in ("00", "33", "44", "3301", "330101")]
    known.append(_reader(running, "no-scope", None, page_session))
    for _ in range(2):
        for one in known:
            assert probe(running.address, one, _every(running), asks).leaks == []


VIRTUAL = {
    "plain": "SELECT * FROM publication.population",
    "with catalogue": "SELECT * FROM published.publication.population",
    "upper case": "SELECT * FROM PUBLICATION.POPULATION",
    "query_table": "SELECT * FROM query_table('publication.population')",
    "joined": "SELECT p.* FROM publication.freshness f, publication.population p",
    "nested": "WITH a AS (SELECT * FROM publication.population) SELECT * FROM a",
}


@pytest.mark.parametrize("when", ["at once", "after the next apply"])
def test_a_virtual_dataset_that_somebody_shows_to_readers_gives_none_of_them_a_row(running: Running, when: str) -> None:
    admin = running.admin
    database = admin.everything("/api/v1/database/")[0]["id"]
    roles = [role["id"] for role in admin.everything("/api/v1/security/roles/") if "audience" in role["name"]]
    body = {"dashboard_title": "by hand", "published": True, "roles": roles}
    board = admin.call("POST", "/api/v1/dashboard/", json=body)["id"]
    made, asks = [], []
    try:
        for name, sql in VIRTUAL.items():
            dataset = {"database": database, "schema": "publication", "table_name": f"by hand, {name}", "sql": sql}
            made.append(admin.call("POST", "/api/v1/dataset/", json=dataset)["id"])
            chart = {"slice_name": name, "viz_type": "table", "params": "{}", "dashboards": [board]}
            chart |= {"datasource_id": made[-1], "datasource_type": "table"}
            number = admin.call("POST", "/api/v1/chart/", json=chart)["id"]
            asks += [
                Ask(**{**ask.__dict__, "table": name})
                for ask in asks_of_table("population", made[-1], number, board, ["unit", "unit_name_zh", "adp"])
                if ask.name in PLAIN
            ]
        if when == "after the next apply":
            apply_access_here(running.settings)
        for user, scope in (("no-scope", None), (reader("33"), "33"), (reader("00"), "00")):
            known = _reader(running, user, scope)
            nothing = Reader(user, known.session, lambda _: frozenset(), lambda _: 0)
            found = probe(running.address, nothing, _every(running), asks)
            assert [str(leak) for leak in found.leaks] == []
            assert found.answered["count"] == len(VIRTUAL)
    finally:
        admin.call("DELETE", f"/api/v1/dashboard/{board}")
        for item in admin.everything("/api/v1/chart/"):
            if item["datasource_id"] in made:
                admin.call("DELETE", f"/api/v1/chart/{item['id']}")
        for number in made:
            admin.call("DELETE", f"/api/v1/dataset/{number}")
        apply_access_here(running.settings)


@pytest.mark.parametrize("user", ["disabled", "expired"])
def test_who_is_disabled_or_past_his_last_day_does_not_get_in(running: Running, user: str) -> None:
    with pytest.raises(SafeholdError, match="refused the log-in"):
        running.client(user)


def test_who_is_disabled_or_expires_loses_the_session_he_has(running: Running) -> None:
    users = ("to-be-disabled", "to-expire")
    asks = _asks(running, ["deaths"], PLAIN)
    before = {user: _reader(running, user, "00") for user in users}
    for user in users:
        assert probe(running.address, before[user], _every(running), asks).with_rows[user]
    write_access(
        running.settings.access, running.units, to_be_disabled={"disabled": True}, to_expire={"expires": "2020-01-01"}
    )
    try:
        mended = apply_access_here(running.settings)
        for user in users:
            asking = Reader(user, before[user].session, lambda _: frozenset(), lambda _: 0)
            found = probe(running.address, asking, _every(running), asks)
            assert found.leaks == []
            assert found.answered.total() == 0
    finally:
        write_access(running.settings.access, running.units)
        apply_access_here(running.settings)
    assert {difference.name for difference in mended} == set(users)


def test_a_last_day_ends_a_session_even_if_nobody_applies_anything(running: Running) -> None:
    """The server looks at the day itself: apply is not run every night."""
    asks = _asks(running, ["deaths"], PLAIN)
    known = _reader(running, "to-expire", "00")
    path = running.settings.superset / "expires.json"
    before = path.read_text(encoding="utf-8")
    path.write_text('{"to-expire": "2020-01-01"}', encoding="utf-8")
    try:
        found = probe(running.address, known, _every(running), asks)
        told = [str(difference) for difference in check_access_here(running.settings)]
        with pytest.raises(SafeholdError, match="refused the log-in"):
            running.client("to-expire")
    finally:
        path.write_text(before, encoding="utf-8")
    assert (found.answered.total(), found.leaks) == (0, [])
    assert told == [f"file {path}: does not tell the server the users' last days"]


def test_check_tells_everything_that_people_changed_and_apply_mends_what_is_ours(running: Running) -> None:
    admin = running.admin
    roles = {role["name"]: role["id"] for role in admin.everything("/api/v1/security/roles/")}
    rights = {
        f"{p['permission']['name']} on {p['view_menu']['name']}": p["id"]
        for p in admin.everything("/api/v1/security/permissions-resources/")
    }
    more = [rights["can_csv on Superset"], rights["can_language_pack on Superset"]]
    admin.call("POST", f"/api/v1/security/roles/{roles['Public']}/permissions", json={"permission_view_menu_ids": more})
    board = running.here.dashboards["engineer-zh"]
    admin.call("PUT", f"/api/v1/dashboard/{board}", json={"roles": [roles["Public"]]})
    rule = {"name": "mine", "filter_type": "Regular", "group_key": "scope", "clause": "1 = 1"}
    tables = [running.here.datasets["deaths"]]
    admin.call("POST", "/api/v1/rowlevelsecurity/", json=rule | {"tables": tables, "roles": [roles["Public"]]})
    person = {
        "first_name": "a",
        "last_name": "b",
        "active": True,
        "password": "x9-only-here",
        "roles": [roles["Alpha"]],
    }
    by_hand = admin.call(
        "POST", "/api/v1/security/users/", json=person | {"username": "by-hand", "email": "by-hand@example.org"}
    )["id"]
    try:
        told = {str(difference) for difference in check_access_here(running.settings)}
        apply_access_here(running.settings)
        left = [str(difference) for difference in check_access_here(running.settings)]
    finally:
        admin.call("DELETE", f"/api/v1/security/users/{by_hand}")
    assert told == {
        "role Public: rights: too much: can_csv on Superset",
        "dashboard engineer-zh: roles: too much: Public; lacks: Safehold audience engineer",
        "rule mine: is not in the code, and can open rows",
        "user by-hand: was made by hand and holds: Alpha",
    }
    assert left == ["user by-hand: was made by hand and holds: Alpha"]
    assert check_access_here(running.settings) == []


def test_who_left_the_table_can_log_in_no_more(running: Running) -> None:
    table = yaml.safe_load(running.settings.access.read_text(encoding="utf-8"))
    password = logins(running.settings)["inspects-3301"]
    Client(running.address, "inspects-3301", password)
    del table["users"]["inspects-3301"]
    running.settings.access.write_text(yaml.safe_dump(table), encoding="utf-8")
    load_access.cache_clear()
    try:
        apply_access_here(running.settings)
        with pytest.raises(SafeholdError, match="refused the log-in"):
            Client(running.address, "inspects-3301", password)
    finally:
        write_access(running.settings.access, running.units)
        apply_access_here(running.settings)
    Client(running.address, "inspects-3301", password)


def test_the_search_of_an_answer_finds_codes_and_names_but_not_what_was_asked() -> None:
    own = Unit("330101", "facility", "杭州市第一看守所", "Hangzhou No. 1", "33", "3301")
    above = Unit("3301", "city", "杭州市", "Hangzhou", "33", "3301")
    other = Unit("440101", "facility", "广州市第一看守所", "Guangzhou No. 1", "44", "4401")
    every = [own, above, other]
    assert (
        leaks('{"data": [{"unit": "330101", "unit_name_zh": "杭州市第一看守所", "n": 440101}]}', "", [own], every)
        == set()
    )
    assert leaks('{"data": [{"unit": "440101"}]}', "", [own], every) == {"440101"}
    lies_in = '{"data": [{"unit": "330101", "city_name_zh": "%s", "unit_name_zh": "%s"}]}'
    assert leaks(lies_in % (above.zh, own.zh), "", [own], every) == set()
    assert leaks(lies_in % (other.zh, own.zh), "", [own], every) == {other.zh}
    assert leaks(lies_in % (above.zh, above.zh), "", [own], every) == {above.zh}
    assert leaks('{"data": [{"x": "330101,440101"}]}', "", [own], every) == {"440101"}
    assert leaks('{"data": [{"x": "\\u676d\\u5dde\\u5e02"}]}', "", [own], every) == {"杭州市"}
    assert leaks("unit,name\n440101,广州市第一看守所\n330101,杭州市第一看守所 and more text", "", [own], every) == {
        "440101",
        "广州市第一看守所",
    }
    assert leaks('{"query": "SELECT 1 WHERE facility = \'440101\'"}', "440101", [own], every) == set()


def test_readers_leave_no_object_behind(running: Running, report: Report) -> None:
    assert report.asked
    made = {item.title for item in read_export(running.admin).values()}
    assert not made & {"mine", "x", "by hand"}
