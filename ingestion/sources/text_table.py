"""Reading large text tables in blocks: fast where a block is sound, line by line where it is not.

A block that Arrow can parse costs no Python per row. A block that it cannot is read again line by
line, so that a bad line is known by its number and its bytes while its neighbours still count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv

from infra.settings import UserError

BLOCK_BYTES = 1 << 22
Kind = Literal["int", "float", "text"]
_ARROW = {"int": pa.int64(), "float": pa.float64(), "text": pa.string()}


@dataclass(frozen=True)
class BadLine:
    """A line that cannot be read as a row."""

    number: int
    raw: bytes
    reason: str
    cut_off: bool = False
    """True for a last line without an end: the file was probably cut."""


@dataclass(frozen=True)
class Block:
    """Rows of a table, as columns of equal length N.

    ``line`` (N,) int64 is each row's line in the file (1-based). Int columns are int64, float
    columns float64 (NaN where the cell is empty or says so), text columns hold str objects.
    """

    line: npt.NDArray[np.int64]
    columns: Mapping[str, npt.NDArray[np.generic]]
    bad: Sequence[BadLine] = ()

    def __len__(self) -> int:
        return len(self.line)

    def __getitem__(self, name: str) -> npt.NDArray[np.generic]:
        return self.columns[name]

    def take(self, index: npt.NDArray[np.generic] | slice) -> Block:
        """The rows of an index or mask; bad lines are not taken along."""
        return Block(self.line[index], {name: column[index] for name, column in self.columns.items()})


def joined(blocks: Sequence[Block]) -> Block:
    """One block of several with the same columns, in their order."""
    if len(blocks) == 1:
        return blocks[0]
    return Block(
        np.concatenate([b.line for b in blocks]),
        {name: np.concatenate([b[name] for b in blocks]) for name in blocks[0].columns},
        [line for b in blocks for line in b.bad],
    )


@dataclass(frozen=True)
class TextTable:
    """A table in a text file: its columns in the order of the file, and how it is written.

    ``delimiter`` None means any run of blanks. With ``header`` the first line must name the
    columns. Without it the first line must at least be a row, else the file is not such a table.
    """

    path: Path
    columns: Mapping[str, Kind]
    delimiter: str | None = ","
    header: bool = False

    def check(self) -> None:
        """Look at the file's beginning.

        Raises:
            UserError: no file, no content, or its first line is not what the table needs.
        """
        try:
            with self.path.open("rb") as file:
                first = file.readline(1 << 16)
        except OSError as fault:
            raise UserError(
                f"cannot read the file: {fault.strerror}", where=str(self.path), do="check the path"
            ) from fault
        first = first.removeprefix(b"\xef\xbb\xbf")
        if not first.strip():
            raise UserError("the file is empty", where=f"{self.path}, line 1", do=f"give a file with {self._wanted()}")
        if self.header:
            self._check_header(first)
            return
        fault_or_row = self._row(first)
        if isinstance(fault_or_row, str):
            raise UserError(fault_or_row, where=f"{self.path}, line 1", do=f"give a file with {self._wanted()}")

    def _check_header(self, first: bytes) -> None:
        named = [part.strip() for part in first.decode("utf-8", "replace").split(self.delimiter)]
        for position, (want, have) in enumerate(zip(self.columns, [*named, *[""] * len(self.columns)], strict=False)):
            if want != have:
                raise UserError(
                    f"column {position + 1} is named {have!r} where {want!r} is expected",
                    where=f"{self.path}, line 1",
                    do=f"give a file with {self._wanted()}",
                )
        if len(named) > len(self.columns):
            raise UserError(
                f"{len(named)} columns where {len(self.columns)} are expected",
                where=f"{self.path}, line 1",
                do=f"give a file with {self._wanted()}",
            )

    def _wanted(self) -> str:
        between = "blanks" if self.delimiter is None else repr(self.delimiter)
        return f"the columns {', '.join(self.columns)}, separated by {between}"

    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[Block]:
        """The rows in the file's order, about ``size`` bytes at a time."""
        self.check()
        number, rest = 1, b""
        with self.path.open("rb") as file:
            if self.header:
                file.readline()
                number = 2
            while data := file.read(size):
                data = rest + data
                cut = data.rfind(b"\n") + 1
                rest = data[cut:]
                if cut:
                    yield self._parse(data[:cut], number)
                    number += data.count(b"\n", 0, cut)
        if rest.strip():
            yield self._parse(rest, number)

    def _parse(self, data: bytes, number: int) -> Block:
        data = data.removeprefix(b"\xef\xbb\xbf") if number == 1 else data
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        if self.delimiter is not None and (block := self._parse_whole(data, number, lines)) is not None:
            return block
        return self._parse_lines(data, number)

    def _parse_whole(self, data: bytes, number: int, lines: int) -> Block | None:
        """The block by Arrow, or None where something in it needs a closer look."""
        try:
            table = pacsv.read_csv(
                pa.BufferReader(data),
                read_options=pacsv.ReadOptions(column_names=list(self.columns), use_threads=False),
                parse_options=pacsv.ParseOptions(delimiter=self.delimiter, quote_char=False),
                convert_options=pacsv.ConvertOptions(
                    column_types={name: _ARROW[kind] for name, kind in self.columns.items()},
                    null_values=["", "nan", "NaN", "NAN"],
                    strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid:
            return None
        if table.num_rows != lines:
            return None
        if any(table[name].null_count for name, kind in self.columns.items() if kind != "float"):
            return None
        return Block(
            np.arange(number, number + lines, dtype=np.int64),
            {name: table[name].to_numpy() for name in self.columns},
        )

    def _parse_lines(self, data: bytes, number: int) -> Block:
        rows: list[tuple[int | float | str, ...]] = []
        numbers: list[int] = []
        bad: list[BadLine] = []
        lines = data.split(b"\n")
        for at, raw in enumerate(lines, start=number):
            if not raw.strip():
                continue
            row = self._row(raw)
            if isinstance(row, str):
                bad.append(BadLine(at, raw.rstrip(b"\r"), row, cut_off=at == number + len(lines) - 1))
            else:
                rows.append(row)
                numbers.append(at)
        types: dict[Kind, npt.DTypeLike] = {"int": np.int64, "float": np.float64, "text": object}
        cells = list(zip(*rows, strict=True)) if rows else [()] * len(self.columns)
        return Block(
            np.array(numbers, dtype=np.int64),
            {
                name: np.array(values, dtype=types[kind])
                for (name, kind), values in zip(self.columns.items(), cells, strict=True)
            },
            bad,
        )

    def _row(self, raw: bytes) -> tuple[int | float | str, ...] | str:
        """The cells of a line, or what is wrong with it."""
        try:
            cells = raw.decode("utf-8").strip().split(self.delimiter)
        except UnicodeDecodeError as fault:
            return f"not UTF-8 at byte {fault.start} of the line"
        if len(cells) != len(self.columns):
            return f"{len(cells)} columns where {len(self.columns)} are expected"
        row: list[int | float | str] = []
        for position, (cell, (name, kind)) in enumerate(zip(cells, self.columns.items(), strict=True), start=1):
            cell = cell.strip()
            try:
                row.append(_cell(cell, kind))
            except (ValueError, OverflowError):
                return f"column {position} ({name}): {cell[:40]!r} is not {_SAY[kind]}"
        return tuple(row)


_SAY: dict[Kind, str] = {"int": "a whole number", "float": "a number", "text": "a name"}


def _cell(cell: str, kind: Kind) -> int | float | str:
    if kind == "text":
        if not cell:
            raise ValueError("empty")
        return cell
    value = float(cell) if cell else float("nan")
    if kind == "float":
        return value
    # Some tools write whole numbers as 3.0 or 7.8e+02.
    if not value.is_integer() or abs(value) >= 2**62:
        raise ValueError(cell)
    return int(value)
