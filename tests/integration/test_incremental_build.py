"""An incremental build gives the figures of a full one, cell by cell, whatever came since the build before."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyiceberg.expressions import EqualTo

from batch_jobs.marts.build import build_marts
from batch_jobs.marts.lake_tables import current_snapshots, rows_since
from infra.settings import Settings, load_settings, open_catalog, table_name
from ingestion.contracts import Stay
from ingestion.sources.simulator import Scenario, write_registers
from tests.integration.test_marts_by_hand import stream
from tests.support.built import differences, publication
from tests.support.lake import fill
from tests.support.register_news import NEWS, come_late


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small country of 13 months with some events, built in full."""
    settings = load_settings(home=tmp_path_factory.mktemp("home"))
    write_registers(settings, Scenario(seed=11, provinces=2, cities_per_province=2, facilities_per_city=1, months=13))
    fill(settings, *stream())
    assert not build_marts(settings, incremental=True).incremental, "nothing to go on from"
    return settings


@pytest.mark.parametrize(
    "news", [["a new day"], ["a late row"], ["a corrected cause of death", "a merged unit", "a corrected stay"]]
)
def test_after_each_kind_of_news_it_equals_a_full_build(news: list[str], instance: Settings, tmp_path: Path) -> None:
    before = publication(instance.marts_db)
    for name in news:
        NEWS[name](instance)
    assert build_marts(instance, incremental=True).incremental
    after = publication(instance.marts_db)
    assert any(before[name] != after[name] for name in ("population", "deaths")), "the news are not in the figures"
    anew = load_settings(home=tmp_path)
    anew.lake.symlink_to(instance.lake)
    build_marts(anew)
    assert differences(after, publication(anew.marts_db)) == {}


def test_a_build_of_a_past_knowledge_date_is_full_and_nothing_goes_on_from_it(instance: Settings) -> None:
    from datetime import date

    assert not build_marts(instance, as_known_on=date(2026, 6, 30), incremental=True).incremental
    told: list[str] = []
    assert not build_marts(instance, incremental=True, say=told.append).incremental
    assert "knowledge date" in told[0]


def test_rows_that_were_removed_call_for_a_full_build(instance: Settings) -> None:
    catalog = open_catalog(instance)
    before = current_snapshots(catalog)[table_name(Stay)]
    come_late(instance)
    added = rows_since(catalog, table_name(Stay), before, current_snapshots(catalog)[table_name(Stay)])
    assert added is not None
    assert added.num_rows == 1
    catalog.load_table(table_name(Stay)).delete(EqualTo("stay", "late"))
    assert rows_since(catalog, table_name(Stay), before, current_snapshots(catalog)[table_name(Stay)]) is None
