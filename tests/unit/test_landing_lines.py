"""Lines of a file become records as they are; a file cut short is noticed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.settings import UserError
from ingestion.landing import Withheld
from ingestion.landing import lines as reader
from ingestion.landing.lines import read_lines
from ingestion.sources.record import Record


def written(folder: Path, data: bytes, name: str = "events.jsonl") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_line_is_the_payload_and_its_facility_the_key(tmp_path: Path) -> None:
    path = written(tmp_path, b'{"facility": "330101", "n": 1}\n{"facility":"\xe6\x89\x80"}\n')
    assert list(read_lines(path)) == [
        Record(b"330101", b'{"facility": "330101", "n": 1}'),
        Record(b"\xe6\x89\x80", b'{"facility":"\xe6\x89\x80"}'),
    ]


def test_a_line_without_a_usable_facility_has_no_key(tmp_path: Path) -> None:
    lines = [b"not json", b"[1]", b'{"facility":7}', b'{"facility":null}', b'{"n":1}', b'{"facility":""}', b"\xff\xfe"]
    path = written(tmp_path, b"\n".join(lines) + b"\n")
    assert list(read_lines(path)) == [Record(None, line) for line in lines]


def test_another_field_may_give_the_key(tmp_path: Path) -> None:
    path = written(tmp_path, b'{"site":"A","facility":"B"}\n')
    assert list(read_lines(path, "site")) == [Record(b"A", b'{"site":"A","facility":"B"}')]


def test_lines_of_white_space_hold_no_record(tmp_path: Path) -> None:
    assert list(read_lines(written(tmp_path, b"\n  \n\r\n{}\n\n"))) == [Record(None, b"{}")]
    assert list(read_lines(written(tmp_path, b""))) == []


def test_a_whole_last_line_needs_no_newline(tmp_path: Path) -> None:
    assert list(read_lines(written(tmp_path, b'{"a":1}\n{"a":2}'))) == [
        Record(None, b'{"a":1}'),
        Record(None, b'{"a":2}'),
    ]


def test_a_last_line_cut_short_is_withheld_with_file_and_line(tmp_path: Path) -> None:
    path = written(tmp_path, b'{"facility":"330101"}\n{"facility":"3301')
    whole, rest = read_lines(path)
    assert whole == Record(b"330101", b'{"facility":"330101"}')
    assert isinstance(rest, Withheld)
    assert (rest.reason, rest.record) == ("truncated_file", Record(None, b'{"facility":"3301'))
    assert f"{path}:2" in rest.detail


def test_a_compressed_file_is_unpacked_also_of_several_members(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(b'{"n":1}\n') + gzip.compress(b'{"n":2}\n'), "events.jsonl.gz")
    assert list(read_lines(path)) == [Record(None, b'{"n":1}'), Record(None, b'{"n":2}')]


def test_a_compressed_file_cut_short_gives_what_was_read(tmp_path: Path) -> None:
    lines = [b'{"facility":"330101","n":%d}' % n for n in range(2000)]
    packed = gzip.compress(b"\n".join(lines) + b"\n")
    path = written(tmp_path, packed[: len(packed) // 2], "events.jsonl.gz")
    *whole, rest = read_lines(path)
    assert 0 < len(whole) < len(lines)
    assert [record.value for record in whole if isinstance(record, Record)] == lines[: len(whole)]
    assert isinstance(rest, Withheld)
    assert rest.reason == "truncated_file"
    assert lines[len(whole)].startswith(rest.record.value)
    assert f"{path}:{len(whole) + 1}" in rest.detail


def test_a_damaged_compressed_file_gives_what_was_read(tmp_path: Path) -> None:
    path = written(tmp_path, b"this is no gzip at all", "events.jsonl.gz")
    (rest,) = read_lines(path)
    assert isinstance(rest, Withheld)
    assert rest.reason == "truncated_file"
    assert "damaged" in rest.detail


def test_a_file_that_cannot_be_read_is_the_user_s_fault(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read") as caught:
        list(read_lines(tmp_path))
    assert str(tmp_path) in caught.value.where


def test_a_file_without_lines_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MAX_LINE_BYTES", 100)
    with pytest.raises(UserError, match="a line is longer than 100 bytes") as caught:
        list(read_lines(written(tmp_path, b"{}\n" + b"x" * 101)))
    assert caught.value.where.endswith(":2")


@given(
    st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line and line.strip() != b"")), st.integers(1, 9)
)
def test_whatever_the_lines_hold_none_is_lost_or_changed(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], chunk: int
) -> None:
    path = written(tmp_path_factory.mktemp("lines"), b"".join(line + b"\n" for line in lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_CHUNK", chunk)
        records = list(read_lines(path))
    assert [record.value for record in records if isinstance(record, Record)] == lines
