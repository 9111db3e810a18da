"""A quarantined record keeps its bytes, its reason and its place."""

from __future__ import annotations

from pathlib import Path

from infra.settings import MAX_RECORD_BYTES
from ingestion.contracts import QuarantineRow
from ingestion.contracts.derived import QuarantineReason
from ingestion.landing.quarantine import quarantine_row
from ingestion.sources.record import Record


def row_of(
    folder: Path,
    record: Record,
    *,
    place: str = "run:0",
    reason: QuarantineReason = "truncated_file",
    detail: str = "d",
) -> QuarantineRow:
    return quarantine_row(folder, record, source="s", place=place, reason=reason, detail=detail, received_at=1000)


def test_a_small_record_is_whole_in_the_row_and_needs_no_file(tmp_path: Path) -> None:
    row = row_of(tmp_path, Record(b"330101", b"\xff\x00"))
    assert (row.raw, row.raw_size, row.blob, row.facility) == (b"\xff\x00", 2, "", "330101")
    assert list(tmp_path.iterdir()) == []


def test_a_large_record_is_whole_in_a_file_named_by_its_digest(tmp_path: Path) -> None:
    payload = b"y" * (MAX_RECORD_BYTES + 1)
    for place in ("run:0", "run:1"):
        row = row_of(tmp_path / "blobs", Record(None, payload), place=place, reason="too_large")
        assert (len(row.raw), row.raw_size, row.blob) == (MAX_RECORD_BYTES, len(payload), row.raw_digest)
    (blob,) = (tmp_path / "blobs").iterdir()
    assert (blob.name, blob.read_bytes()) == (row.blob, payload)


def test_the_id_follows_from_content_and_place_alone(tmp_path: Path) -> None:
    record = Record(None, b"x")
    assert row_of(tmp_path, record).quarantine_id == row_of(tmp_path, record, detail="other").quarantine_id
    assert row_of(tmp_path, record).quarantine_id != row_of(tmp_path, record, place="run:1").quarantine_id
    assert row_of(tmp_path, record).quarantine_id != row_of(tmp_path, Record(None, b"y")).quarantine_id


def test_a_key_that_is_not_utf8_is_shown_as_far_as_it_can_be(tmp_path: Path) -> None:
    assert row_of(tmp_path, Record(b"33\xff", b"")).facility == "33\ufffd"


def test_the_receipt_time_is_the_source_s_unless_that_is_what_was_wrong(tmp_path: Path) -> None:
    assert row_of(tmp_path, Record(None, b"")).received_at == 1000
    assert row_of(tmp_path, Record(None, b"", 77)).received_at == 77
    assert row_of(tmp_path, Record(None, b"", -5), reason="undeliverable").received_at == 1000
    assert row_of(tmp_path, Record(None, b"", 2**60), reason="refused_by_broker").received_at == 1000


def test_a_long_detail_is_cut_to_what_the_contract_allows(tmp_path: Path) -> None:
    assert len(row_of(tmp_path, Record(None, b""), detail="x" * 5000).detail) == 2000
