"""The dbt project as a whole: both targets parse, a new instance builds, a broken build is told clearly."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import duckdb

from batch_jobs.marts.build import build_marts, dbt_command, dbt_environment, target_path
from infra.settings import ensure_tables, load_settings, open_catalog
from quality.gate import run_gate


def test_the_cluster_target_parses_with_the_same_models(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    done = subprocess.run(
        dbt_command(settings, "cluster", "parse"),
        env=dbt_environment(settings, "cluster"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    manifest = json.loads((target_path(settings) / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["metadata"]["adapter_type"] == "spark"
    names = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    assert {"population", "deaths", "mart_deaths", "stg_death"} <= names


def test_a_new_instance_without_any_row_builds_and_publishes_empty_tables(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    ensure_tables(open_catalog(settings))
    build_marts(settings)
    gate = run_gate(settings)
    assert [f"{check.text} {check.found}" for check in gate.failed] == []
    with duckdb.connect(str(settings.published_db), read_only=True) as connection:
        assert connection.execute("select count(*) from publication.deaths").fetchall() == [(0,)]
        status = connection.execute("select gate_status, data_until from publication.freshness").fetchall()
    assert status == [("passed", None)]
