"""Reading a delimited text file row by row, with line numbers, after checking all of it."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.settings import UserError
from ingestion.registers.mapping import FileFormat

_CHUNK = 1 << 20
_GUESSES = ("utf-8", "gb18030", "cp1252", "utf-16")
_OTHER_FILES = {b"PK\x03\x04": "an Excel workbook or zip file", b"\xd0\xcf\x11\xe0": "an old Excel workbook"}


@dataclass(frozen=True)
class Row:
    """A row of the file: its first line (1-based, the header being line 1), its cells as they stand."""

    line: int
    cells: list[str]


def check_file(path: Path, form: FileFormat, needed: set[str]) -> list[str]:
    """Read the whole file once and return its columns, so that nothing is imported from half a file.

    Raises:
        UserError: not there, empty, not text in this code page, not delimited text, or columns are missing.
    """
    _check_text(path, form)
    rows = read_rows(path, form)
    header = next(rows, None)
    if header is None:
        raise UserError("the file is empty", where=str(path), do="give a file with a header and rows")
    columns = [" ".join(name.split()) for name in header.cells]
    repeated = sorted({name for name in columns if columns.count(name) > 1 and name in needed})
    if repeated:
        raise UserError(
            f"column {repeated[0]!r} is there twice", where=f"{path}:{header.line}", do="give each column its own name"
        )
    missing = sorted(needed - set(columns))
    if missing:
        raise UserError(
            f"column {missing[0]!r} is missing" + (f", and {len(missing) - 1} others" if len(missing) > 1 else ""),
            where=f"{path}:{header.line}, which has: {', '.join(columns)[:500]}",
            do=_about_missing(columns, form),
        )
    if sum(1 for row in rows if row.cells) == 0:
        raise UserError("the file has a header but no rows", where=str(path), do="give a file with rows")
    return columns


def read_rows(path: Path, form: FileFormat) -> Iterator[Row]:
    """Rows of the file in order, the header first; a blank line is a row without cells.

    Raises:
        UserError: quotes that do not close, or a cell longer than 128 KiB.
    """
    with path.open(encoding=form.encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=form.delimiter, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise UserError(
                    f"not delimited text: {error}", where=f"{path}:{line}", do="look for a quote that is not closed"
                ) from error
            if cells is None:
                return
            yield Row(line, cells)


def _check_text(path: Path, form: FileFormat) -> None:
    decoder = codecs.getincrementaldecoder(form.encoding)()
    line = 1
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
            if head in _OTHER_FILES:
                raise UserError(f"this is {_OTHER_FILES[head]}, not CSV", where=str(path), do="save it as CSV")
            stream.seek(0)
            while chunk := stream.read(_CHUNK):
                # Line by line, so that an error knows its line; no code page here has \n inside a character
                # but UTF-16, whose errors are rare and whose line is then approximate.
                for piece in chunk.splitlines(keepends=True):
                    if "\0" in decoder.decode(piece):
                        raise UserError(
                            "there are NUL characters: this is no text file in the code page that the mapping names",
                            where=f"{path}:{line}",
                            do=f"check the file, or set `encoding` in the mapping{_guess(path, form)}",
                        )
                    line += piece.endswith(b"\n")
            decoder.decode(b"", final=True)
    except OSError as error:
        raise UserError(f"cannot read the file: {error.strerror}", where=str(path), do="check the path") from error
    except UnicodeDecodeError as error:
        raise UserError(
            f"the bytes {error.object[error.start : error.start + 4].hex(' ')} are not {form.encoding}",
            where=f"{path}:{line}",
            do=f"set `encoding` under `file` in the mapping{_guess(path, form)}",
        ) from error


def _guess(path: Path, form: FileFormat) -> str:
    """The first code page that fits the whole file, in words; empty if none does."""
    for name in _GUESSES:
        if codecs.lookup(name).name in (form.encoding, form.encoding.removesuffix("-sig")):
            continue
        try:
            text = path.read_bytes().decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return f"; {name} fits this file"
    return ""


def _about_missing(columns: list[str], form: FileFormat) -> str:
    if len(columns) == 1:
        for other in (",", ";", "|", "\t"):
            if other != form.delimiter and other in columns[0]:
                return f"the columns are separated by {other!r}: set `delimiter` under `file` in the mapping"
    return "name the file's columns in the mapping, or use the mapping that fits the file"
