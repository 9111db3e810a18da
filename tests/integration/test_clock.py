"""The live clock posts silence into the topic of a real broker, and is counted like any source."""

from __future__ import annotations

import json
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from infra.local.instance import start_services, stop_services
from infra.settings import Settings, open_catalog, table_name
from ingestion.contracts import LandingCount, SitePlan, Watermark
from ingestion.contracts.platform import Zone
from ingestion.landing import land, send_spool
from ingestion.sources.record import Record, record_of
from tests.support.instance import instance
from tests.support.patience import eventually
from tests.support.topic import Received, read_topic

pytestmark = pytest.mark.jvm


def plan(facility: str, at_ms: int) -> Record:
    square = [(0.0, 0.0), (5.0, 0.0), (5.0, 5.0)]
    zone = Zone(id="hall", kind="open", polygon=square)
    return record_of(SitePlan(facility=facility, event_time=at_ms, device="plan", zones=[zone]))


def ticks(settings: Settings) -> list[Received]:
    return read_topic(settings, "clock")


def test_only_live_facilities_get_their_silence_told_through_an_outage_and_counted(tmp_path: Path) -> None:
    with instance(tmp_path / "home") as settings:
        now = int(time.time() * 1000)
        ended = Watermark(facility="330102", event_time=now, device="replay", complete_to=now, reason="end_of_replay")
        land(
            settings,
            "live",
            [
                plan("330101", now),
                plan("330102", now),
                record_of(ended),
                plan("330103", now - 86_400_000),  # a replay of yesterday
                Record(b"330104", b'{"type":"site_plan","facility":"330104"}'),  # no valid plan
                Record(b"330199", plan("330105", now).value),  # the plan of another facility
            ],
        )
        before = int(time.time() * 1000)
        list(start_services(settings, ["clock"]))
        eventually(lambda: len(ticks(settings)) >= 3, patience_s=30)
        assert {record.key for record in ticks(settings)} == {b"330101"}
        watermarks = [Watermark.model_validate(json.loads(record.value)) for record in ticks(settings)]
        for mark in watermarks:
            assert (mark.reason, mark.device, mark.facility) == ("clock", "clock", "330101")
            assert mark.complete_to == mark.event_time - settings.allowed_lateness_ms
            assert mark.event_time >= before
        assert all(b.event_time - a.event_time >= 1000 for a, b in pairwise(watermarks))

        # The broker goes away and comes back: the clock goes on by itself.
        stop_services(settings, ["broker"])
        time.sleep(8)
        list(start_services(settings, ["broker"]))
        told = len(ticks(settings))
        eventually(lambda: len(ticks(settings)) > told + 2)

        stop_services(settings, ["clock"])
        send_spool(settings, "clock")
        rows = open_catalog(settings).load_table(table_name(LandingCount)).scan().to_arrow().to_pylist()
        landed = Counter[str]()
        for row in rows:
            landed[row["source"]] += row["landed"]
        assert landed["clock"] == len(ticks(settings))
