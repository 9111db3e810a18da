"""What the platform sees of itself: of a real lake, and from its samples to the published tables."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import duckdb
import pytest

from batch_jobs.marts.build import build_marts
from infra.observation.observe import Observer
from infra.observation.tables import sample_tables
from infra.settings import Settings, append_rows, load_settings, open_catalog, table_name
from ingestion.contracts import FacilityClock, JobHealth, LakeTable, LandingCount
from quality.gate import run_gate
from tests.integration.test_marts_by_hand import country, registers, stream
from tests.support.lake import fill
from tests.support.observed import AT, observed


def landed(part: int) -> LandingCount:
    return LandingCount(source="cameras", run="r", part=part, at=1, offered=1, landed=1, quarantined=0)


def rows_of(settings: Settings, model: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = open_catalog(settings).load_table(table_name(model)).scan().to_arrow().to_pylist()
    return found


def test_a_table_is_as_large_as_its_files_on_the_disk(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    fill(settings, landed(0), landed(1))
    catalog = open_catalog(settings)
    append_rows(catalog, LandingCount, [landed(2)])
    table = catalog.load_table("bronze.landing")
    table.delete("part = 2")  # a file that only holds what is deleted goes; the snapshots that had it stay

    sample = {one.lake_table: one for one in sample_tables(catalog, AT)}["bronze.landing"]
    live = [Path(url2pathname(urlsplit(task.file.file_path).path)) for task in table.refresh().scan().plan_files()]
    assert (sample.row_count, sample.data_files, sample.delete_files, sample.snapshots) == (2, 1, 0, 3)
    assert sample.file_bytes == sum(path.stat().st_size for path in live)
    assert sample.newest_snapshot_at == table.current_snapshot().timestamp_ms  # type: ignore[union-attr]


def test_a_look_tells_of_a_job_and_a_broker_that_are_away_and_still_sees_the_lake(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    observer = Observer(settings)
    try:
        sample = observer.job(AT)
        tables = observer.tables(AT)
    finally:
        observer.close()
    assert sample.state == "not_running"
    assert re.match(r"topic: .+broker", sample.fault)
    assert (sample.records_behind, sample.restarts) == (None, None)
    assert [JobHealth(**row) for row in rows_of(settings, JobHealth)] == [sample]
    assert rows_of(settings, FacilityClock) == []
    # The sample of the job was written before the tables were looked at.
    own = next(row for row in rows_of(settings, LakeTable) if row["lake_table"] == "silver.job_health")
    assert (own["row_count"], own["data_files"]) == (1, 1)
    assert tables == len(rows_of(settings, LakeTable)) > 30


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = load_settings(home=tmp_path_factory.mktemp("home"))
    fill(settings, *country(), *registers(), *stream(), *observed())
    build_marts(settings)
    gate = run_gate(settings)
    assert [f"{c.text} {c.found} {c.rows}" for c in gate.failed] == []
    return settings


def rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.published_db), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_the_lakes_tables_are_those_of_the_newest_look(published: Settings) -> None:
    written = datetime.fromtimestamp((AT - 1000) / 1000, UTC).replace(tzinfo=None)
    assert rows(
        published,
        "select table_name, row_count, data_files, delete_files, size_mb, mean_file_kb, snapshots, written_at "
        "from publication.lake_tables order by table_name",
    ) == [
        ("bronze.received", 250, 3, 1, 3.0, 1000.0, 3, written),
        ("register.drill", 0, 0, 0, 0.0, None, 0, None),
    ]


def test_the_jobs_samples_of_seven_days_are_published_and_say_what_could_not_be_asked(published: Settings) -> None:
    assert rows(
        published,
        "select is_latest, is_recent, job_state, fault, checkpoint_age_s, checkpoint_s, checkpoint_mb, uptime_h, "
        "records_per_s, records_behind from publication.job_health order by sampled_at",
    ) == [
        (False, False, "unreachable", "job: timed out", None, None, None, None, None, None),
        (True, True, "running", "", 4.2, 0.31, 4.227, 2.0, 1028.3, 420),
    ]


def test_a_facilitys_clock_is_held_against_the_newest_event_received(published: Settings) -> None:
    query = "select facility, seconds_behind, minutes_silent from publication.facility_clocks"
    assert rows(published, query) == [("330101", 7.5, 1.5)]


def test_a_rules_cost_is_its_newest_measurement_and_noise_is_no_gain(published: Settings) -> None:
    assert rows(
        published,
        "select rule, rule_version, mode, cost_us, cost_ratio, together_us from publication.rule_cost order by mode",
    ) == [("int-01", 1, "active", 20.0, 1.5, 400.0), ("int-01", 2, "shadow", 0.0, 1.0, 400.0)]


def test_a_version_on_trial_is_held_against_what_the_one_in_force_raised_meanwhile(published: Settings) -> None:
    # Only in force: a3, and the two of stream().
    assert rows(
        published,
        "select rule, rule_version, is_running, hours_on_trial, alerts_shadow, alerts_agreed, alerts_only_shadow, "
        "alerts_only_active, agreed_pct from publication.shadow_results",
    ) == [("int-01", 2, True, 1.0, 4, 2, 2, 3, 50.0)]
