"""Compaction and count reconciliation with Spark, on a lake that PyIceberg wrote in many small commits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.sql import SparkSession

from batch_jobs.lakehouse.compaction import compact
from batch_jobs.lakehouse.reconciliation import reconcile
from batch_jobs.lakehouse.session import spark_session
from infra.settings import Settings, load_settings, open_catalog
from ingestion.contracts import Contract, LandingCount, QuarantineRow, ReceivedRecord, StreamLedger
from tests.support.lake import fill

pytestmark = pytest.mark.jvm


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, SparkSession]]:
    """An instance with a Spark session on it."""
    settings = load_settings(home=tmp_path_factory.mktemp("home"))
    fill(settings, *records(0, 10))
    with spark_session(settings, "test") as spark:
        yield settings, spark


def received(offset: int, key: bytes | None) -> ReceivedRecord:
    return ReceivedRecord(
        topic_partition=0,
        topic_offset=offset,
        received_at=1,
        source="cameras",
        record_key=key,
        payload=b"{}",
    )


def ledger(facility: str, first: int, last: int, records: int, **more: int) -> StreamLedger:
    counts: dict[str, Any] = {"accepted": records, "late": 0, "quarantined": 0} | more
    return StreamLedger(
        facility=facility, source="cameras", topic_partition=0, offset_from=first, offset_to=last, records=records,
        observations=0, clock=1, **counts,
    )  # fmt: skip


def records(first: int, count: int) -> list[Contract]:
    """One batch of two facilities that alternate in the partition, all of it accepted."""
    last = first + count - 1
    return [
        LandingCount(source="cameras", run="r", part=first, at=1, offered=count, landed=count, quarantined=0),
        *(received(offset, b"F1" if offset % 2 == 0 else b"F2") for offset in range(first, last + 1)),
        ledger("F1", first, last - 1, count // 2),
        ledger("F2", first + 1, last, count // 2),
    ]


def quarantined(name: str, stage: str, landed: bool, reason: str) -> QuarantineRow:
    return QuarantineRow(
        quarantine_id=name, stage=stage, source="cameras", facility="F1", reason=reason, detail="made for a test",  # type: ignore[arg-type]
        landed=landed, received_at=1, raw=b"x", raw_size=1, raw_digest="0" * 32, blob="",
    )  # fmt: skip


def test_upkeep_keeps_every_row_and_finds_every_planted_fault(lake: tuple[Settings, SparkSession]) -> None:
    """One session for all steps, because each start of Spark takes ten seconds."""
    settings, spark = lake
    for first in (10, 20, 30):
        fill(settings, *records(first, 10))
    # Withheld by the landing; quarantined by the stream; late, so accepted and reported.
    fill(
        settings,
        LandingCount(source="cameras", run="r2", part=0, at=1, offered=3, landed=2, quarantined=1),
        quarantined("q1", "landing", False, "not_utf8"),
        received(40, b"F1"),
        received(41, b"F1"),
        ledger("F1", 40, 41, 2, accepted=1, quarantined=1, late=1),
        quarantined("q2", "stream", False, "contract"),
        quarantined("q3", "stream", True, "late"),
        # Without a key, and with keys that are no text: three keys, two names, interleaved batches.
        *(received(42 + n, key) for n, key in enumerate((None, b"", None, b"\xff", b"\xfe", b"\xff"))),
        *(ledger("", 42, 44, 2), ledger("", 43, 43, 1), ledger("\ufffd", 45, 47, 2), ledger("\ufffd", 46, 46, 1)),
        LandingCount(source="cameras", run="r2", part=1, at=1, offered=6, landed=6, quarantined=0),
    )
    sound = reconcile(spark)
    assert sound.problems == []
    assert [(s.source, s.offered, s.received, s.accepted, s.late) for s in sound.sources] == [
        ("cameras", 49, 48, 47, 1)
    ]
    assert [(p.partition, p.first, p.last, p.rows) for p in sound.partitions] == [(0, 0, 47, 48)]

    table = open_catalog(settings).load_table("bronze.received")
    before = sorted(table.scan().to_arrow().to_pylist(), key=lambda row: row["topic_offset"])
    done = {c.table: c for c in compact(spark, keep_snapshots=2, keep_days=0)}
    assert (done["bronze.received"].files_before, done["bronze.received"].files_after) == (5, 1)
    assert done["bronze.received"].snapshots_after == 2
    table = open_catalog(settings).load_table("bronze.received")
    assert sorted(table.scan().to_arrow().to_pylist(), key=lambda row: row["topic_offset"]) == before
    # What was written before and after compaction is read together.
    fill(settings, *records(48, 10))
    assert reconcile(spark).problems == []

    # A record is missing and another is there twice: counts alone would agree.
    fill(
        settings,
        LandingCount(source="cameras", run="r3", part=0, at=1, offered=4, landed=4, quarantined=0),
        *(received(offset, b"F1") for offset in (58, 59, 59, 61)),
        ledger("F1", 58, 61, 4),
    )
    assert [p for p in reconcile(spark).problems if "partition 0: " in p] == [
        "partition 0: 1 offsets between 0 and 61 are missing",
        "partition 0: 1 rows repeat an offset",
    ]

    # The landing lost a record; the ledger counts one that bronze has not; and a batch overlaps the one before.
    fill(
        settings,
        LandingCount(source="cameras", run="r4", part=0, at=1, offered=2, landed=1, quarantined=0),
        received(62, b"F1"),
        ledger("F1", 61, 62, 2),
    )
    problems = reconcile(spark).problems
    assert "source 'cameras': 65 offered, but 64 landed + quarantined by the landing" in problems
    assert any("says 4 records, but bronze has 3" in p for p in problems)
    assert any("overlaps the batch before it" in p for p in problems)

    # Received, and never processed.
    fill(
        settings,
        LandingCount(source="cameras", run="r5", part=0, at=1, offered=1, landed=1, quarantined=0),
        received(63, b"F2"),
    )
    assert "partition 0: 1 records are in no batch of the ledger" in reconcile(spark).problems
