"""DuckDB and Spark build the same published tables: names, types, rounding and order of rows, cell by cell."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from batch_jobs.marts.build import build_marts
from infra.settings import Settings, load_settings
from ingestion.sources.simulator import Scenario, write_registers
from quality.gate import publish
from tests.integration.test_marts_by_hand import stream
from tests.support.built import Table, differences, publication
from tests.support.lake import fill
from tests.support.observed import observed
from tests.support.register_news import NEWS

pytestmark = pytest.mark.jvm


def first_publication(settings: Settings, **how: Any) -> dict[str, Table]:
    """What the gate lets through of a build, as if nothing had been published before it.

    What is withheld hangs on what was published earlier; two engines are compared on the same past.
    """
    shutil.rmtree(settings.disclosure, ignore_errors=True)
    build_marts(settings, **how)
    publish(settings)
    return publication(settings.published_db)


def test_spark_publishes_what_duckdb_publishes_in_full_and_incrementally(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Statements over a handful of rows: compiling Java to the last costs more than it saves.
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    settings = load_settings(home=tmp_path / "home")
    write_registers(settings, Scenario(seed=11, provinces=2, cities_per_province=2, facilities_per_city=1, months=13))
    fill(settings, *stream(), *observed())
    embedded = first_publication(settings)
    assert sum(len(rows) for _, rows in embedded.values()) > 1000
    assert differences(embedded, first_publication(settings, target="cluster")) == {}

    for news in NEWS.values():
        news(settings)
    cluster = first_publication(settings, target="cluster", incremental=True)
    assert differences(cluster, first_publication(settings)) == {}
