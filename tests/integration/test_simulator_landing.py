"""Simulated events with bad records among them, landed at a real broker: every source's counts agree."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from infra.settings import Settings, load_settings, open_catalog, table_name
from ingestion.contracts import REGISTERS, LandingCount, QuarantineRow
from ingestion.landing import land
from ingestion.sources.simulator import Scenario, corrupt, live, registers, write_registers
from tests.support.topic import read_topic

SCENARIO = Scenario(live_facilities=1, live_seconds=180, detainees=12, fps=1)


@pytest.mark.jvm
def test_every_subsystem_is_a_source_whose_counts_agree(broker_instance: Settings) -> None:
    spoiled = corrupt(live(SCENARIO), 3)
    report = land(broker_instance, "simulator", spoiled)
    given = list(live(SCENARIO))
    expected = Counter(r.source for r in given) + Counter(i.source for i in spoiled.injected)
    catalog = open_catalog(broker_instance)
    counts = catalog.load_table(table_name(LandingCount)).scan().to_arrow().to_pylist()
    offered = Counter()
    for row in counts:
        assert row["offered"] == row["landed"] + row["quarantined"]
        offered[row["source"]] += row["offered"]
    assert offered == expected
    assert report.offered == sum(expected.values())
    refused = catalog.load_table(table_name(QuarantineRow)).scan().to_arrow().to_pylist()
    assert Counter(row["reason"] for row in refused) == {"too_large": 1, "refused_by_broker": 1}
    for source in expected:
        landed = sum(row["landed"] for row in counts if row["source"] == source)
        assert len(read_topic(broker_instance, str(source))) == landed


def test_registers_are_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFEHOLD_HOME", str(tmp_path))
    small = Scenario(provinces=1, cities_per_province=1, months=3, live_facilities=0)
    settings = load_settings()
    first = write_registers(settings, small)
    assert first == {name: len(table) for name, table in registers(small).items()}
    assert set(write_registers(settings, small).values()) == {0}
    held = open_catalog(settings).load_table(table_name(REGISTERS["stay"])).scan().to_arrow()
    assert len(held) == first["stay"]
