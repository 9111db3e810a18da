"""Retention lets go what is older than its table keeps it, writes down how much, and the counts still add up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from pyspark.sql import SparkSession

from batch_jobs.lakehouse.compaction import compact
from batch_jobs.lakehouse.reconciliation import reconcile
from batch_jobs.lakehouse.retention import retain
from batch_jobs.lakehouse.session import spark_session
from infra import audit
from infra.settings import Settings, UserError, load_settings, open_catalog
from ingestion.contracts import FeatureSecond, LandingCount, QuarantineRow, ReceivedRecord, StreamLedger
from tests.support.lake import fill

pytestmark = pytest.mark.jvm

TODAY = date(2026, 3, 31)
KEEP = {"bronze.received": 20, "silver.quarantine": 20, "silver.features": 2}


def at(day: int, hour: int = 12) -> int:
    """An hour of a day of March, ms."""
    return int(datetime(2026, 3, day, hour, tzinfo=UTC).timestamp() * 1000)


def received(day: int, *offsets: int) -> list[ReceivedRecord]:
    return [
        ReceivedRecord(
            topic_partition=0, topic_offset=offset, received_at=at(day), source="cameras", record_key=b"F1",
            payload=b"{}",
        )
        for offset in offsets
    ]  # fmt: skip


def ledger(first: int, last: int, **more: int) -> StreamLedger:
    counts: dict[str, Any] = {"accepted": last - first + 1, "late": 0, "quarantined": 0} | more
    return StreamLedger(
        facility="F1", source="cameras", topic_partition=0, offset_from=first, offset_to=last,
        records=last - first + 1, observations=0, clock=1, **counts,
    )  # fmt: skip


def landed(part: int, count: int) -> LandingCount:
    return LandingCount(source="cameras", run="r", part=part, at=1, offered=count, landed=count, quarantined=0)


def quarantined(day: int, name: str, landed: bool, reason: str) -> QuarantineRow:
    return QuarantineRow(
        quarantine_id=name, stage="stream", source="cameras", facility="F1", reason=reason, detail="made for a test",  # type: ignore[arg-type]
        landed=landed, received_at=at(day), raw=b"x", raw_size=1, raw_digest="0" * 32, blob="",
    )  # fmt: skip


def features(*days: int) -> list[FeatureSecond]:
    return [
        FeatureSecond(facility="F1", at=at(day), minute=720, day=date(2026, 3, day), profile="p", grids=b"x")
        for day in days
    ]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, SparkSession]]:
    """Thirty days of a source: a batch that lies across the day before which rows go, bad and late records."""
    settings = load_settings(home=tmp_path_factory.mktemp("home"))
    fill(settings, *received(1, 0, 1, 2), *features(1, 28), landed(0, 3), ledger(0, 2, accepted=2, quarantined=1))
    fill(settings, quarantined(1, "q1", False, "contract"), quarantined(1, "q1", False, "contract"))
    fill(settings, *received(10, 3, 4), *received(11, 5, 6), landed(1, 4), ledger(3, 6, late=1))
    fill(settings, quarantined(10, "q2", True, "late"))
    fill(settings, *received(30, 7, 8), landed(2, 2), ledger(7, 8, late=1), quarantined(30, "q3", True, "late"))
    fill(settings, *features(29, 30, 31))
    with spark_session(settings, "test") as spark:
        yield settings, spark


def rows(settings: Settings, table: str) -> list[dict[str, Any]]:
    return open_catalog(settings).load_table(table).scan().to_arrow().to_pylist()


def test_what_is_too_old_goes_and_all_else_stays_and_every_count_still_agrees(
    lake: tuple[Settings, SparkSession],
) -> None:
    settings, spark = lake
    catalog, log = open_catalog(settings), partial(audit.append, settings)
    assert reconcile(spark).problems == []

    done = retain(spark, catalog, KEEP, today=TODAY, audit=log)
    assert {(one.table, one.before.day, one.rows) for one in done} == {
        ("bronze.received", 11, 5), ("silver.quarantine", 11, 2), ("silver.features", 29, 2)
    }  # fmt: skip
    assert sorted(row["topic_offset"] for row in rows(settings, "bronze.received")) == [5, 6, 7, 8]
    assert [row["quarantine_id"] for row in rows(settings, "silver.quarantine")] == ["q3"]
    assert sorted(row["at"] for row in rows(settings, "silver.features")) == [at(29), at(30), at(31)]
    assert reconcile(spark).problems == []

    written = rows(settings, "audit.log")
    assert {(row["who"], row["target"], row["why"]) for row in written} == {
        ("lake retain", table, f"rows are kept for {KEEP[table]} days; {number} are older")
        for table, number in (("bronze.received", 5), ("silver.quarantine", 2), ("silver.features", 2))
    }
    retired = [row for row in rows(settings, "audit.retired") if row["lake_table"] == "bronze.received"]
    assert {(row["day"].day, row["row_count"], row["offset_to"]) for row in retired} == {(1, 3, 2), (10, 2, 4)}

    again = retain(spark, catalog, KEEP, today=TODAY, audit=log)
    assert {one.rows for one in again} == {0}
    assert len(rows(settings, "audit.log")) == len(written)

    # Two days later, the records of one more day: their batch is gone to its last record.
    retain(spark, catalog, KEEP, today=date(2026, 4, 2), audit=log)
    assert sorted(row["topic_offset"] for row in rows(settings, "bronze.received")) == [7, 8]
    compact(spark, keep_snapshots=1, keep_days=0)
    assert reconcile(spark).problems == []

    # What was let go hides no fault in what is left.
    fill(settings, *received(31, 9, 9, 11), landed(3, 4), ledger(9, 12))
    problems = reconcile(spark).problems
    assert "partition 0: 1 offsets between 0 and 11 are missing" in problems
    assert "partition 0: 1 rows repeat an offset" in problems
    assert any("offsets 9 to 12: says 4 records, but bronze has 3" in p for p in problems)


@pytest.mark.parametrize(("table", "days"), [("register.death", 30), ("silver.features", 0)])
def test_a_table_that_is_kept_for_good_or_a_span_of_no_day_is_refused(
    lake: tuple[Settings, SparkSession], table: str, days: int
) -> None:
    settings, spark = lake
    with pytest.raises(UserError, match=table):
        retain(spark, open_catalog(settings), {table: days}, today=TODAY, audit=partial(audit.append, settings))
