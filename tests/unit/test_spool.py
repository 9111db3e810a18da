"""The spool gives back what was put in, in order, once, also after a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.landing.spool import SpoolHead, SpoolWriter, open_spool_files
from ingestion.sources.record import Record

HEAD = SpoolHead("cctv", "run-1", {0: 12, 3: 7})

records_given = st.lists(
    st.builds(
        Record,
        st.none() | st.binary(max_size=20),
        st.binary(max_size=200),
        st.none() | st.integers(0, 2**60),
        st.none() | st.text(max_size=10),
    ),
    max_size=20,
)


def spooled(folder: Path, head: SpoolHead, records: list[Record]) -> Path:
    writer = SpoolWriter(folder, head)
    for number, record in enumerate(records):
        writer.add(number, record)
    writer.close()
    return writer.path


def read_back(folder: Path, source: str | None = None) -> list[tuple[SpoolHead, list[tuple[int, Record]]]]:
    return [(file.head, list(file.records())) for file in open_spool_files(folder, source)]


@pytest.mark.slow
@given(records_given)
def test_any_records_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, records: list[Record]) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spooled(folder, HEAD, records)
    assert read_back(folder) == [(HEAD, list(enumerate(records)))]


def test_files_come_back_oldest_first_and_by_source(tmp_path: Path) -> None:
    for number, source in enumerate(["a", "b", "a"]):
        spooled(tmp_path, SpoolHead(source, f"run-{number}", None), [Record(None, b"%d" % number)])
    assert [head.run for head, _ in read_back(tmp_path)] == ["run-0", "run-1", "run-2"]
    assert [head.run for head, _ in read_back(tmp_path, "a")] == ["run-0", "run-2"]


@pytest.mark.parametrize("lost", [1, 5, 40])
def test_a_file_whose_writer_was_killed_is_read_up_to_its_last_whole_record(tmp_path: Path, lost: int) -> None:
    path = spooled(tmp_path, HEAD, [Record(b"k", b"x" * 50) for _ in range(3)])
    path.write_bytes(path.read_bytes()[:-lost])
    ((_, records),) = read_back(tmp_path)
    assert [number for number, _ in records] == [0, 1]


def test_a_file_without_even_a_head_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "00000000000000000001-run.spool").write_bytes(b"\0\0")
    assert read_back(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_still_written_is_left_to_its_writer(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path, HEAD)
    writer.add(0, Record(None, b"1"))
    assert read_back(tmp_path) == []
    writer.close()
    assert len(read_back(tmp_path)) == 1


def test_a_file_that_is_being_sent_is_left_to_its_sender(tmp_path: Path) -> None:
    spooled(tmp_path, HEAD, [Record(None, b"1")])
    first = open_spool_files(tmp_path, None)
    next(first).remove()
    assert read_back(tmp_path) == []


def test_an_empty_or_missing_folder_holds_nothing(tmp_path: Path) -> None:
    assert read_back(tmp_path) == []
    assert read_back(tmp_path / "none") == []
