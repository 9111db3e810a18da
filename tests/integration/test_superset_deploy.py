"""Deploys to a real Superset: twice, with people's edits and own dashboards, with less in the code, and back."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboards.archive import Bundle, read_archive
from dashboards.bundle import Sources, load_bundle
from dashboards.client import Client
from dashboards.deploy import Deployed, deploy, roll_back
from dashboards.edits import charts_shown, read_export
from dashboards.history import History
from infra.local.dashboards import check_access_here, deploy_dashboards, grants
from infra.settings import UserError
from tests.support.superset import Running

pytestmark = pytest.mark.browser


@pytest.fixture
def deployed(running: Running) -> Iterator[Running]:
    """The shared Superset, with the code's dashboards again afterwards."""
    yield running
    running.here = deploy_dashboards(running.settings)


def _history(running: Running) -> History:
    return History(running.settings.superset / "deployed")


def _deploy(running: Running, bundle: Bundle, at: datetime | None = None) -> Deployed:
    settings = running.settings
    folder = settings.superset / "edited"
    return deploy(running.admin, bundle, grants(settings), _history(running), folder, at or datetime.now(UTC))


def _code(running: Running) -> Bundle:
    return load_bundle(Sources.load(), running.settings.published_db)


def _smaller(bundle: Bundle) -> tuple[Bundle, str, str, str]:
    """The bundle without the engineers' English dashboard and one chart of the Chinese; both titles, the chart's id."""
    files = {path: content for path, content in bundle.files.items() if path != "dashboards/engineer-en.yaml"}
    board = json.loads(json.dumps(files["dashboards/engineer-zh.yaml"]))
    key, chart = next((k, p) for k, p in board["position"].items() if k.startswith("CHART-"))
    del board["position"][key]
    for part in board["position"].values():
        if isinstance(part, dict) and key in part.get("children", []):
            part["children"].remove(key)
    files["dashboards/engineer-zh.yaml"] = board
    number = chart["meta"]["uuid"]
    gone = next(path for path, content in files.items() if content.get("uuid") == number)
    title = files.pop(gone)["slice_name"]
    audiences = {slug: audience for slug, audience in bundle.audiences.items() if slug != "engineer-en"}
    return Bundle(files, audiences), bundle.files["dashboards/engineer-en.yaml"]["dashboard_title"], title, number


def _changed_when(client: Client) -> dict[tuple[str, int], str]:
    """When each dashboard, chart, dataset and rule was last written."""
    kinds = ("dashboard", "chart", "dataset")
    return {(kind, i["id"]): i["changed_on_utc"] for kind in kinds for i in client.everything(f"/api/v1/{kind}/")}


def _board(client: Client, slug: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/dashboard/{slug}")["result"]
    return found


def test_a_second_deploy_writes_nothing(deployed: Running) -> None:
    deploy_dashboards(deployed.settings)
    before, held, entries = _changed_when(deployed.admin), read_export(deployed.admin), _history(deployed).read()
    again = deploy_dashboards(deployed.settings)
    assert again.done.changes_nothing
    assert _changed_when(deployed.admin) == before
    assert read_export(deployed.admin) == held
    assert _history(deployed).read() == entries


def test_what_left_the_code_goes_and_a_roll_back_brings_it_again(deployed: Running) -> None:
    whole = _code(deployed)
    less, board, chart, _ = _smaller(whole)
    ids = deployed.here.dashboards
    done = _deploy(deployed, less)
    assert set(done.removed) == {f"dashboard {board}", f"chart {chart}"}
    assert "engineer-en" not in done.dashboards
    held = read_export(deployed.admin)
    assert held.keys() & whole.ids == less.ids
    settings = deployed.settings
    entry, back = roll_back(
        deployed.admin, grants(settings), _history(deployed), settings.superset / "edited", datetime.now(UTC)
    )
    assert entry.digest == whole.digest
    assert read_export(deployed.admin).keys() >= whole.ids
    assert {slug: back.dashboards[slug] for slug in less.audiences} == {slug: ids[slug] for slug in less.audiences}
    assert check_access_here(settings) == []
    assert deploy_dashboards(settings).done.changes_nothing


def test_there_is_no_way_back_before_the_first_deploy(running: Running, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no earlier deploy"):
        roll_back(running.admin, grants(running.settings), History(tmp_path), tmp_path, datetime.now(UTC))


def test_an_edit_of_a_shipped_dashboard_is_told_and_kept_as_a_file_that_can_be_imported(deployed: Running) -> None:
    admin = deployed.admin
    title = _board(admin, "engineer-zh")["dashboard_title"]
    admin.call("PUT", f"/api/v1/dashboard/{deployed.here.dashboards['engineer-zh']}", json={"dashboard_title": "我的"})
    assert [(d.kind, d.name) for d in check_access_here(deployed.settings)] == [("dashboard", "我的")]
    done = deploy_dashboards(deployed.settings).done
    assert [(edit.kind, edit.title, edit.changed) for edit in done.edits] == [
        ("dashboards", "我的", ("dashboard_title",))
    ]
    assert "Safehold admin" in str(done.edits[0])
    assert _board(admin, "engineer-zh")["dashboard_title"] == title
    assert done.copy is not None
    assert zipfile.is_zipfile(done.copy)
    assert deploy_dashboards(deployed.settings).done.changes_nothing

    held = read_export(admin)
    files = {"formData": ("edited.zip", done.copy.read_bytes(), "application/zip")}
    admin.call("POST", "/api/v1/dashboard/import/", files=files)
    new = {number: item for number, item in read_export(admin).items() if number not in held}
    try:
        boards = [item for item in new.values() if item.kind == "dashboards"]
        assert [board.title[:2] for board in boards] == ["我的"]
        shipped = next(i for i in held.values() if i.content.get("slug") == "engineer-zh")
        assert len(charts_shown(boards[0].content)) == len(charts_shown(shipped.content)) > 0
        assert charts_shown(boards[0].content) <= new.keys()
        after = read_export(admin)
        assert {number: after[number] for number in held} == held
        assert deploy_dashboards(deployed.settings).done.changes_nothing
    finally:
        for kind in ("dashboard", "chart"):
            for item in admin.everything(f"/api/v1/{kind}/"):
                if item["uuid"] in new:
                    admin.call("DELETE", f"/api/v1/{kind}/{item['id']}")


def test_a_shipped_dashboard_that_somebody_deleted_comes_back(deployed: Running) -> None:
    deployed.admin.call("DELETE", f"/api/v1/dashboard/{deployed.here.dashboards['inspection-en']}")
    done = deploy_dashboards(deployed.settings).done
    assert [(edit.kind, edit.changed) for edit in done.edits] == [("dashboards", ())]
    assert done.copy is None
    assert "inspection-en" in done.dashboards
    assert check_access_here(deployed.settings) == []


def test_a_changed_dataset_and_database_are_put_right(deployed: Running) -> None:
    admin = deployed.admin
    database = admin.everything("/api/v1/database/")[0]["id"]
    admin.call("PUT", f"/api/v1/database/{database}", json={"expose_in_sqllab": True})
    admin.call("PUT", f"/api/v1/dataset/{deployed.here.datasets['deaths']}", json={"description": "other"})
    told = {str(difference) for difference in check_access_here(deployed.settings)}
    assert told == {
        "database Safehold: changed expose_in_sqllab",
        "dataset deaths: changed description by Safehold admin",
    }
    done = deploy_dashboards(deployed.settings).done
    assert {edit.kind for edit in done.edits} == {"databases", "datasets"}
    assert check_access_here(deployed.settings) == []


def test_peoples_own_dashboards_stay_and_keep_the_shipped_charts_they_show(deployed: Running) -> None:
    admin = deployed.admin
    less, _, title, number = _smaller(_code(deployed))
    # Titles are no names: every dashboard has a chart that says how current its figures are.
    shown = next(chart for chart in admin.everything("/api/v1/chart/") if chart["uuid"] == number)
    meta = {"chartId": shown["id"], "uuid": shown["uuid"], "width": 4, "height": 20}
    position = {
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": ["ROW-1"], "parents": ["ROOT_ID"]},
        "ROW-1": {"type": "ROW", "id": "ROW-1", "children": ["CHART-1"], "meta": {"background": "x"}},
        "CHART-1": {"type": "CHART", "id": "CHART-1", "children": [], "meta": meta},
    }
    body = {"dashboard_title": "my own", "position_json": json.dumps(position)}
    own = admin.call("POST", "/api/v1/dashboard/", json=body)["id"]
    try:
        done = _deploy(deployed, less)
        assert done.kept == (f"chart {title}",)
        held = read_export(admin)
        assert number in held
        assert "my own" in {item.title for item in held.values()}
        assert _deploy(deployed, less).changes_nothing
    finally:
        admin.call("DELETE", f"/api/v1/dashboard/{own}")
    assert _deploy(deployed, less).removed == (f"chart {title}",)


def test_the_bundle_that_is_kept_is_the_one_that_was_imported(deployed: Running) -> None:
    deploy_dashboards(deployed.settings)
    history = _history(deployed)
    current = history.current()
    assert current is not None
    kept = history.bundle(current)
    assert kept.digest == current.digest == _code(deployed).digest
    assert kept.files == read_archive(_code(deployed).archive)
