"""Text tables are read in blocks; what is wrong in them is known by line and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from infra.settings import UserError
from ingestion.sources.sorted_blocks import blocks_in_order, shape_of
from ingestion.sources.text_table import Kind, TextTable, joined

COLUMNS: dict[str, Kind] = {"t": "int", "id": "text", "x": "float"}


def table(path: Path, text: str | bytes, **how: object) -> TextTable:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return TextTable(path, COLUMNS, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [7, 13, 1 << 20])
def test_rows_and_lines_are_the_same_however_large_the_blocks_are(tmp_path: Path, size: int) -> None:
    rows = [f"{n},p{n % 3},{n / 4}" for n in range(50)]
    whole = joined(list(table(tmp_path / "a.csv", "\n".join(rows)).blocks(size)))
    assert whole["t"].tolist() == list(range(50))
    assert whole["id"].tolist() == [f"p{n % 3}" for n in range(50)]
    assert whole["x"].tolist() == [n / 4 for n in range(50)]
    assert whole.line.tolist() == list(range(1, 51))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_header_a_byte_order_mark_blank_lines_and_windows_line_ends_do_no_harm(tmp_path: Path, end: str) -> None:
    text = end.join(["\ufefft,id,x", "1,a,0.5", "", "2,b,1.5", ""])
    whole = joined(list(table(tmp_path / "a.csv", text, header=True).blocks()))
    assert (whole["t"].tolist(), whole["id"].tolist(), whole.line.tolist()) == ([1, 2], ["a", "b"], [2, 4])


def test_bad_lines_are_told_with_line_and_column_and_their_neighbours_still_count(tmp_path: Path) -> None:
    text = b"1,a,1\n2,b\nthree,c,1\n4,\xff,1\n5,e,?\n6,f,nan\n7,g,\n8.0,h,1\n9,i"
    whole = joined(list(table(tmp_path / "a.csv", text).blocks()))
    assert whole["t"].tolist() == [1, 6, 7, 8]
    assert np.isnan(whole["x"]).tolist() == [False, True, True, False]
    assert [(bad.number, bad.reason, bad.cut_off) for bad in whole.bad] == [
        (2, "2 columns where 3 are expected", False),
        (3, "column 1 (t): 'three' is not a whole number", False),
        (4, "not UTF-8 at byte 2 of the line", False),
        (5, "column 3 (x): '?' is not a number", False),
        (9, "2 columns where 3 are expected", True),
    ]
    assert whole.bad[2].raw == b"4,\xff,1"


@pytest.mark.parametrize(
    ("text", "header", "said"),
    [
        ("", False, "the file is empty"),
        ("a;b;c\n", False, "1 columns where 3 are expected"),
        ("t,name,x\n", True, "column 2 is named 'name' where 'id' is expected"),
        ("t,id\n", True, "column 3 is named '' where 'x' is expected"),
        ("t,id,x,y\n", True, "4 columns where 3 are expected"),
    ],
)
def test_a_file_that_is_another_table_is_the_users_fault(tmp_path: Path, text: str, header: bool, said: str) -> None:
    with pytest.raises(UserError, match=said) as fault:
        list(table(tmp_path / "a.csv", text, header=header).blocks())
    assert fault.value.where.endswith("a.csv, line 1")
    assert "t, id, x" in fault.value.do


def test_rows_out_of_order_are_sorted_and_those_of_one_moment_stay_together(tmp_path: Path) -> None:
    made = table(tmp_path / "a.csv", "".join(f"{n // 3},p,{n}\n" for n in range(60)))
    shape = shape_of(made, "t")
    assert (shape.rows, shape.in_order, shape.low, shape.high) == (60, True, 0, 19)
    made.path.write_text("".join(f"{n % 20},p,{n}\n" for n in range(60)), encoding="utf-8")
    shape = shape_of(made, "t")
    assert not shape.in_order
    (block,) = blocks_in_order(made, "t", shape)
    assert block["t"].tolist() == sorted(n % 20 for n in range(60))
    assert block["x"].tolist()[:3] == [0.0, 20.0, 40.0]


def test_one_moment_is_never_in_two_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = table(tmp_path / "a.csv", "".join(f"{n // 5},p,{n}\n" for n in range(100)))
    monkeypatch.setattr(TextTable.blocks, "__defaults__", (40,))
    blocks = [b for b in blocks_in_order(made, "t", shape_of(made, "t")) if len(b)]
    moments = [set(b["t"].tolist()) for b in blocks]
    assert len(blocks) > 5
    assert sum(len(m) for m in moments) == len(set().union(*moments)) == 20
    assert joined(blocks)["x"].tolist() == list(range(100))
