"""Landing against a real broker and a real lake: what is offered is landed, quarantined or spooled."""

from __future__ import annotations

import gzip
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.settings import Settings, UserError, load_settings, open_catalog, table_name
from infra.settings.running import read_run
from ingestion.contracts import Contract, LandingCount, QuarantineRow
from ingestion.landing import LandingReport, Withheld, land, send_spool
from ingestion.landing.lines import read_lines
from ingestion.sources.record import Record
from tests.support.instance import instance
from tests.support.topic import read_topic

pytestmark = pytest.mark.jvm

MIB = 1024 * 1024


def rows(settings: Settings, model: type[Contract], source: str) -> list[dict[str, Any]]:
    found = open_catalog(settings).load_table(table_name(model)).scan().to_arrow().to_pylist()
    return [row for row in found if row["source"] == source]


def assert_counts_agree(settings: Settings, source: str, *reports: LandingReport) -> None:
    """The count law, from the reports, the lake and the topic."""
    for report in reports:
        assert report.offered == report.landed + report.quarantined + report.spooled
    counts = rows(settings, LandingCount, source)
    assert all(row["offered"] == row["landed"] + row["quarantined"] for row in counts)
    assert sum(row["landed"] for row in counts) == len(read_topic(settings, source))
    assert sum(row["quarantined"] for row in counts) == len(rows(settings, QuarantineRow, source))


def test_records_land_with_key_source_and_the_time_of_receipt(broker_instance: Settings) -> None:
    before = int(time.time() * 1000)
    report = land(broker_instance, "cctv", [Record(b"330101", b'{"n":1}')])
    (record,) = read_topic(broker_instance, "cctv")
    assert (record.key, record.value, record.source) == (b"330101", b'{"n":1}', "cctv")
    assert before <= record.timestamp_ms <= int(time.time() * 1000)
    assert (report.offered, report.landed) == (1, 1)
    assert_counts_agree(broker_instance, "cctv", report)


def test_a_time_that_the_source_insists_on_is_kept_even_if_years_old(broker_instance: Settings) -> None:
    land(broker_instance, "archive", [Record(b"330101", b"{}", timestamp_ms=1_500_000_000_000)])
    assert [record.timestamp_ms for record in read_topic(broker_instance, "archive")] == [1_500_000_000_000]


def test_a_facility_stays_in_one_partition_in_the_order_given(broker_instance: Settings) -> None:
    given = [Record(b"33%04d" % (n % 7), b"%d" % n) for n in range(20_000)]
    land(broker_instance, "order", given)
    records = read_topic(broker_instance, "order")
    for key in {record.key for record in given}:
        mine = [record for record in records if record.key == key]
        assert len({record.partition for record in mine}) == 1
        assert [record.value for record in mine] == [record.value for record in given if record.key == key]


def test_a_record_without_key_and_malformed_records_land_as_they_are(broker_instance: Settings) -> None:
    values = [b"{", b"\xff\xfe", b"", b"[]", b"null"]
    report = land(broker_instance, "rough", [Record(None, value) for value in values])
    records = read_topic(broker_instance, "rough")
    assert sorted(record.value for record in records) == sorted(values)
    assert {record.key for record in records} == {None}
    assert_counts_agree(broker_instance, "rough", report)


def test_a_record_of_one_mib_lands_and_one_byte_more_is_quarantined(broker_instance: Settings) -> None:
    report = land(broker_instance, "edge", [Record(b"330101", b"x" * MIB), Record(b"330101", b"x" * (MIB + 1))])
    assert (report.landed, report.reasons) == (1, {"too_large": 1})
    assert_counts_agree(broker_instance, "edge", report)


def test_a_ten_megabyte_record_is_kept_whole_beside_the_lake(broker_instance: Settings) -> None:
    payload = os.urandom(10 * MIB)
    land(broker_instance, "huge", [Record(b"330101", payload)])
    (row,) = rows(broker_instance, QuarantineRow, "huge")
    assert (row["reason"], row["stage"], row["facility"]) == ("too_large", "landing", "330101")
    assert row["raw"] == payload[:MIB]
    assert row["raw_size"] == len(payload)
    assert (broker_instance.blobs / row["blob"]).read_bytes() == payload


def test_a_time_over_an_hour_ahead_is_refused_by_the_broker_and_its_neighbours_land(broker_instance: Settings) -> None:
    ahead = int(time.time() * 1000) + 2 * 3_600_000
    given = [Record(b"330101", b"%d" % n, timestamp_ms=ahead if n == 5 else None) for n in range(10)]
    report = land(broker_instance, "ahead", given)
    assert report.reasons == {"refused_by_broker": 1}
    landed = [record.value for record in read_topic(broker_instance, "ahead")]
    assert landed == [b"0", b"1", b"2", b"3", b"4", b"6", b"7", b"8", b"9"]
    (row,) = rows(broker_instance, QuarantineRow, "ahead")
    assert row["raw"] == b"5"
    assert "timestamp" in row["detail"].lower()
    assert str(ahead) in row["detail"]
    assert_counts_agree(broker_instance, "ahead", report)


def test_a_time_before_1970_is_quarantined(broker_instance: Settings) -> None:
    report = land(broker_instance, "negative", [Record(b"330101", b"{}", timestamp_ms=-5)])
    assert report.reasons == {"undeliverable": 1}


def test_what_the_reader_withholds_is_quarantined_with_its_reason(broker_instance: Settings) -> None:
    report = land(broker_instance, "reader", [Withheld(Record(None, b'{"a'), "truncated_file", "f.jsonl:3: cut")])
    (row,) = rows(broker_instance, QuarantineRow, "reader")
    assert (row["reason"], row["raw"], row["detail"]) == ("truncated_file", b'{"a', "f.jsonl:3: cut")
    assert_counts_agree(broker_instance, "reader", report)


def test_the_same_bad_record_twice_is_two_rows_with_ids_of_their_own(broker_instance: Settings) -> None:
    record = Record(b"330101", b"x" * (MIB + 1))
    land(broker_instance, "twice", [record, record])
    found = rows(broker_instance, QuarantineRow, "twice")
    assert len({row["quarantine_id"] for row in found}) == 2
    assert len({row["blob"] for row in found}) == 1


def test_a_source_that_fails_in_the_middle_is_counted_up_to_there(broker_instance: Settings) -> None:
    def source() -> Iterator[Record]:
        yield Record(b"330101", b"1")
        yield Record(b"330101", b"2")
        raise UserError("the file ends here", where="tracks.csv:3")

    with pytest.raises(UserError, match="the file ends here"):
        land(broker_instance, "breaks", source())
    assert len(read_topic(broker_instance, "breaks")) == 2
    assert_counts_agree(broker_instance, "breaks")


def test_a_file_of_lines_lands_as_it_is(broker_instance: Settings, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    lines = [b'{"facility":"330101","n":1}', b"not json", b'{"facility":7}', b'{"facility":"330102"}']
    path.write_bytes(gzip.compress(b"\n".join(lines) + b"\n"))
    report = land(broker_instance, "file", read_lines(path))
    records = read_topic(broker_instance, "file")
    assert sorted((r.key or b"", r.value) for r in records) == sorted(
        zip([b"330101", b"", b"", b"330102"], lines, strict=True)
    )
    assert_counts_agree(broker_instance, "file", report)


def test_without_a_broker_the_user_is_told_to_start_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFEHOLD_HOME", str(tmp_path))
    with pytest.raises(UserError, match="the broker is not running") as caught:
        land(load_settings(), "cctv", [])
    assert "safehold up" in caught.value.do


def test_a_broker_that_goes_away_in_the_middle_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    with instance(tmp_path / "home") as settings:
        pid = read_run(settings, "broker").pid  # type: ignore[union-attr]
        total = 60_000

        def source() -> Iterator[Record]:
            for n in range(total):
                if n == total // 2:
                    # Stopped, not killed: requests are on their way and their answers never come.
                    os.kill(pid, signal.SIGSTOP)
                yield Record(b"33%04d" % (n % 5), b"%d" % n)

        try:
            report = land(settings, "outage", source(), delivery_timeout_s=3)
            assert report.spooled > 0
            assert report.offered == total == report.landed + report.spooled
            # While it is away the next run's records wait behind them.
            second = land(settings, "outage", [Record(b"330000", b"last")], delivery_timeout_s=3)
            assert second.spooled == 1
        finally:
            os.kill(pid, signal.SIGCONT)
        time.sleep(3)  # what lay in the stopped broker's socket gets through now
        sent = send_spool(settings)
        assert [r.spooled for r in sent] == [0, 0]
        assert send_spool(settings) == []
        records = read_topic(settings, "outage")
        assert len(records) == total + 1
        for facility in range(5):
            mine = [record.value for record in records if record.key == b"33%04d" % facility]
            expected = [b"%d" % n for n in range(facility, total, 5)]
            assert mine == [*expected, b"last"] if facility == 0 else mine == expected
        assert_counts_agree(settings, "outage")


def test_two_runs_at_once_count_both(broker_instance: Settings) -> None:
    reports: list[LandingReport] = []

    def one(name: bytes) -> None:
        reports.append(land(broker_instance, "both", [Record(name, b"%d" % n) for n in range(5000)]))

    threads = [threading.Thread(target=one, args=(name,)) for name in (b"330101", b"330102")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.landed for report in reports] == [5000, 5000]
    assert_counts_agree(broker_instance, "both", *reports)
