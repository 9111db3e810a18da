"""Access as data: who is let in, what the code wants of Superset, and how that differs from what is there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dashboards.access import ACCESS_FILE, Access, Unit, User, load_access, read_units, seats
from dashboards.archive import Bundle, read_archive
from dashboards.edits import as_export, copy_of_edited, find_edits
from dashboards.grants import COMMON_RULE, DENY_RULE, Ground, Live, State, differences, scope_rule, wanted_state
from dashboards.history import History
from dashboards.published import published_tables
from infra.settings import UserError
from tests.support.published import write_published

TODAY = date(2026, 11, 25)
UNITS = {
    unit.code: unit
    for unit in (
        Unit("00", "nation", "全国", "Nation", None, None),
        Unit("33", "province", "浙江省", "Zhejiang", "33", None),
        Unit("3301", "city", "杭州市", "Hangzhou", "33", "3301"),
        Unit("330101", "facility", "一所", "No. 1", "33", "3301"),
    )
}
GROUND = Ground({"deaths": 1, "freshness": 2}, frozenset({9}), {"analyst-zh": "analyst"})


def _access(**users: User) -> Access:
    return load_access(ACCESS_FILE).model_copy(update={"users": users, "seen_by_every_scope": ("freshness",)})


def _state(**users: User) -> State:
    return wanted_state(_access(**users), UNITS.values(), GROUND, TODAY)


def _live(state: State) -> Live:
    return Live(state, {}, frozenset(), {})


@pytest.mark.parametrize(
    ("user", "active"),
    [
        (User(scope="33"), True),
        (User(scope="33", expires=TODAY), True),
        (User(scope="33", expires=date(2026, 11, 24)), False),
        (User(scope="33", expires=date(2027, 1, 1), disabled=True), False),
    ],
)
def test_a_user_is_let_in_until_the_end_of_his_last_day_unless_disabled(user: User, active: bool) -> None:
    assert user.is_active(TODAY) is active
    assert _state(somebody=user)["user", "somebody"]["active"] is active


def test_every_unit_is_a_scope_and_every_dataset_is_denied_first() -> None:
    state = _state()
    rules = [name for kind, name in state if kind == "rule"]
    assert rules == [DENY_RULE, COMMON_RULE, *(scope_rule(code) for code in UNITS)]
    assert state["rule", DENY_RULE]["tables"] == {1, 2, 9}
    assert state["rule", scope_rule("3301")]["clause"] == "city = '3301'"
    assert all(9 not in state["rule", name]["tables"] for name in rules[1:])
    assert all(not state["role", f"Safehold scope {code}"]["rights"] for code in UNITS)


def test_a_scope_that_is_no_unit_here_gives_no_scopes_role() -> None:
    assert not any("scope" in role for role in _state(a=User(scope="99"))["user", "a"]["roles"])
    assert not any("scope" in role for role in _state(a=User())["user", "a"]["roles"])


def test_what_is_as_wanted_differs_in_nothing() -> None:
    state = _state(a=User(audiences=("analyst",), scope="33"))
    assert differences(state, _live(dict(state)), {}) == []


def test_each_change_is_told_with_its_place() -> None:
    wanted = _state(a=User(audiences=("analyst",), scope="33"))
    live = {key: dict(fields) for key, fields in wanted.items() if key != ("role", "Safehold scope 33")}
    live["rule", DENY_RULE]["tables"] = frozenset({1})
    live["rule", "hers"] = wanted["rule", DENY_RULE] | {"group_key": None}
    live["role", "Safehold scope 44"] = {"rights": frozenset()}
    live["user", "stranger"] = {"roles": frozenset({"Alpha"}), "active": True}
    live["group", "all"] = {"roles": frozenset({"Admin"})}
    told = differences(wanted, _live(live), {1: "deaths", 2: "freshness"})
    assert [(str(d), d.is_mended) for d in told] == [
        ("role Safehold scope 33: is missing", True),
        (f"rule {DENY_RULE}: tables: lacks: dataset 9, freshness", True),
        ("group all: gives its members the roles: Admin", False),
        ("role Safehold scope 44: is of no unit or audience", True),
        ("rule hers: was made by hand; it can only narrow", False),
        ("user stranger: was made by hand and holds: Alpha", False),
    ]


def test_units_come_from_the_published_hierarchy(tmp_path: Path) -> None:
    path = tmp_path / "published.duckdb"
    write_published(path)
    units = read_units(path, published_tables())
    assert [u.code for u in units.values() if u.tier in ("nation", "province")] == ["00", "33", "44"]
    assert {code for code, unit in units.items() if units["3301"].holds(unit)} == {"3301", "330101", "330102"}
    table = _access(a=User(audiences=("analyst",), scope="33"), b=User(scope="99", expires=date(2020, 1, 1)))
    first, second = seats(table, units, TODAY)
    assert (first.unit, first.facilities, first.state) == (units["33"], 4, "active")
    assert (second.unit, second.facilities, second.state) == (None, 0, "expired 2020-01-01")
    with pytest.raises(UserError, match="nothing is published"):
        read_units(tmp_path / "other.duckdb", published_tables())


BOARD = {"uuid": "a3b8d425-2b60-4ad7-becc-bedf2ef860bd", "dashboard_title": "运行", "slug": "x", "metadata": {}}
CHART = {"uuid": "5a1c98f4-1b6e-4a39-9c2e-0d2cb1c5a0aa", "slice_name": "c", "dataset_uuid": "d" * 8}
SHOWS = {"position": {"CHART-1": {"meta": {"uuid": CHART["uuid"]}}}}


def test_only_changes_of_people_are_edits() -> None:
    left = as_export({"dashboards/a.yaml": BOARD | {"metadata": {"shared_label_colors": []}}, "charts/c.yaml": CHART})
    other = {"dashboards/b.yaml": BOARD | {"uuid": "0" * 32, "dashboard_title": "own"}}
    looked_at = as_export({"dashboards/a.yaml": BOARD | {"metadata": {"map_label_colors": {}}}, "charts/c.yaml": CHART})
    assert find_edits(left, looked_at | as_export(other)) == []
    changed = as_export({"dashboards/a.yaml": BOARD | {"css": "x", "metadata": {}}})
    assert [(e.title, e.changed) for e in find_edits(left, changed)] == [("运行", ("css",)), ("c", ())]


def test_a_copy_of_an_edited_chart_brings_its_dashboard_under_ids_of_its_own() -> None:
    left = as_export({"dashboards/a.yaml": BOARD | SHOWS, "charts/c.yaml": CHART})
    now = as_export({"dashboards/a.yaml": BOARD | SHOWS, "charts/c.yaml": CHART | {"slice_name": "mine"}})
    archive = copy_of_edited(find_edits(left, now), now, "2026-11-25T010203")
    assert archive is not None
    assert b"dashboards/a.yaml" in archive
    files = read_archive(archive)
    chart, board = files["charts/c.yaml"], files["dashboards/a.yaml"]
    assert chart["uuid"] != CHART["uuid"]
    assert board["position"]["CHART-1"]["meta"]["uuid"] == chart["uuid"]
    assert (board["slug"], board["dashboard_title"]) == (None, "运行 (edited copy 2026-11-25)")
    assert copy_of_edited([], now, "x") is None


def test_the_history_goes_back_along_what_ran_before(tmp_path: Path) -> None:
    history = History(tmp_path / "deployed")
    bundles = [Bundle({"charts/c.yaml": CHART | {"slice_name": str(n)}}, {"x-zh": "x"}) for n in range(3)]
    for bundle in bundles[:2]:
        entry = history.entry(bundle, "now")
        history.write(entry, bundle, as_export(dict(bundle.files)), bundle.ids)
    first = history.previous()
    assert first is not None
    assert history.bundle(first).files == bundles[0].files
    history.write(first, bundles[0], as_export(dict(bundles[0].files)), bundles[0].ids)
    assert history.previous() is None
    third = history.entry(bundles[2], "later")
    assert (third.number, third.before) == (3, 1)
    assert history.entry(bundles[0], "later") == first
