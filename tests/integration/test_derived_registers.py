"""Derived registers from a real lake: received records and judged seconds in, rows out, once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pyiceberg.catalog.sql import SqlCatalog

from infra import derived_registers
from infra.settings import Settings, append_rows, ensure_tables, load_settings, open_catalog
from ingestion.contracts import EVENTS, Event, FeatureSecond, QuarantineRow, ReceivedRecord
from streaming_jobs.features.snapshot import encode, snapshot_of
from tests.support.cells import Watch, at, detainee, there
from tests.support.scene import FACILITY

H = 3600
MIDNIGHT, DAY = 12 * H, 24 * H


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = load_settings(home=tmp_path)
    ensure_tables(open_catalog(settings))
    return settings


def event(of: str, second: int, **fields: Any) -> Event:
    base = {"facility": FACILITY, "device": "register", "event_time": at(second), "subject": "p-1"}
    return EVENTS[of].model_validate({**base, **fields})


def step(second: int, number: int, what: str, detail: str, alert: str | None = None) -> Event:
    base = {"facility": FACILITY, "device": "gateway", "event_time": at(second), "case": "c-1", "number": number}
    fields = {"rule": "cel-01", "severity": "major", "step": what, "detail": detail, "alert": alert}
    return EVENTS["case"].model_validate(base | fields)


def land(catalog: SqlCatalog, *events: Event, key: str = FACILITY, offset: int = 0) -> None:
    rows = [
        ReceivedRecord(
            topic_partition=0, topic_offset=offset + n, received_at=one.event_time + 5, source="test",
            record_key=key.encode(), payload=one.model_dump_json().encode(),
        )
        for n, one in enumerate(events)
    ]  # fmt: skip
    append_rows(catalog, ReceivedRecord, rows)


def rows(catalog: SqlCatalog, register: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = catalog.load_table(f"register.{register}").scan().to_arrow().to_pylist()
    return sorted(found, key=lambda row: row["known_from"])


ORDER = {"order": "o-1", "restraint": "belt"}
ASKED = {"appointment": "v-1", "kind": "lawyer"}


def test_records_that_the_stream_accepted_become_rows_once(settings: Settings) -> None:
    catalog = open_catalog(settings)
    land(
        catalog,
        event("restraint", 0, action="apply", ends_at=at(H), **ORDER),
        event("visit", 0, action="request", **ASKED),
        event("restraint", 60, action="apply", order="refused", restraint="belt"),
    )
    land(catalog, event("visit", 5, action="request", appointment="v-2", kind="lawyer"), key="330199", offset=3)
    refused = QuarantineRow(
        quarantine_id="q", stage="stream", source="test", facility=FACILITY, reason="duplicate",
        detail="made for a test", landed=False, received_at=0, topic_partition=0, topic_offset=2,
        raw=b"", raw_size=0, raw_digest="", blob="",
    )  # fmt: skip
    append_rows(catalog, QuarantineRow, [refused])
    land(catalog, step(0, 0, "opened", "cel-01", "a-1"), offset=10)
    each = {"alert_answer": 1, "custody_day": 0, "restraint_use": 1, "lawyer_request": 1}
    assert derived_registers.keep(settings) == each
    assert derived_registers.keep(settings) == dict.fromkeys(each, 0)
    land(catalog, step(60, 1, "answered", "drill"), offset=11)
    land(
        catalog,
        event("restraint", H, action="remove", **ORDER),
        event("visit", H, action="open", **ASKED),
        offset=4,
    )
    assert derived_registers.keep(settings) == each
    assert [row["answered"] is None for row in rows(catalog, "alert_answer")] == [True, False]
    assert [row["ended"] is None for row in rows(catalog, "restraint_use")] == [True, False]
    last = rows(catalog, "lawyer_request")[-1]
    assert last["met"] == datetime.fromtimestamp(at(H) / 1000, UTC)
    assert not {"subject", "order"} & set(last)


def test_a_day_is_told_by_the_first_second_after_midnight(settings: Settings) -> None:
    watch = Watch().see(0, [detainee("p-1"), *there(0, ("p-1", "C1", 5))])
    catalog = open_catalog(settings)

    def keep(second: int) -> None:
        local = watch.world.plan.local(at(second) // 1000)
        row = FeatureSecond(
            facility=FACILITY, at=at(second), minute=local[0], day=local[1], profile="default",
            grids=encode(snapshot_of(watch.sheet)),
        )  # fmt: skip
        append_rows(catalog, FeatureSecond, [row])

    watch.see(MIDNIGHT, there(MIDNIGHT, ("p-1", "C1", 5)))
    keep(MIDNIGHT)
    assert derived_registers.keep(settings)["custody_day"] == 0, "the first day was known in part only"
    watch.world.domains["days"].today = [[23 * H], [H], [H // 2], [DAY - H // 2]]
    watch.see(MIDNIGHT + DAY)
    for second in (MIDNIGHT + DAY, MIDNIGHT + DAY):  # a replay writes a second again
        keep(second)
    watch.see(MIDNIGHT + DAY + 1, there(MIDNIGHT + DAY + 1, ("p-1", "C1", 5)))
    keep(MIDNIGHT + DAY + 1)
    assert derived_registers.keep(settings)["custody_day"] == 1
    (row,) = rows(catalog, "custody_day")
    assert (row["facility"], row["day"], row["persons"]) == (FACILITY, date(2026, 3, 3), 1)
    assert (row["solitary"], row["solitary_unknown"], row["outside_short"], row["outside_unknown"]) == (1, 0, 1, 0)
    assert derived_registers.keep(settings)["custody_day"] == 0
