"""What could not be handed to the broker, kept in files until it can be.

A spool file belongs to one run of one source and holds its records in order, framed by their
length, so that a file whose writer was killed is read up to its last whole record. While a run
writes a file it holds a lock on it; nobody else sends it meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from ingestion.contracts.derived import QuarantineReason
from ingestion.landing.withheld import Withheld
from ingestion.sources.record import Record

_LENGTH = struct.Struct(">I")


class SpoolHead(msgspec.Struct, array_like=True, frozen=True):
    """First frame of a file: whose records these are, and where the topic ended before them."""

    source: str
    run: str
    offsets: dict[int, int] | None
    """Next offset of each partition when the fate of all earlier records was known; None where the
    run had posted nothing. Records that the broker took without our hearing of it lie behind these."""


class _Entry(msgspec.Struct, array_like=True, frozen=True):
    number: int
    key: bytes | None
    value: bytes
    timestamp_ms: int | None
    source: str | None = None
    reason: QuarantineReason | None = None
    detail: str = ""


class SpoolWriter:
    """An open spool file; use as a context or close it."""

    def __init__(self, folder: Path, head: SpoolHead) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # Names sort by time: what was spooled first is sent first.
        self.path = folder / f"{time.time_ns():020d}-{head.run}.spool"
        self._file = self.path.open("xb")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self.records = 0
        self._encoder = msgspec.msgpack.Encoder()
        self._frame(self._encoder.encode(head))

    def add(self, number: int, item: Record | Withheld) -> None:
        """Append a record; `number` is its number within the run."""
        record, why = (item.record, item) if isinstance(item, Withheld) else (item, None)
        entry = _Entry(
            number,
            record.key,
            record.value,
            record.timestamp_ms,
            record.source,
            why.reason if why else None,
            why.detail if why else "",
        )
        self._frame(self._encoder.encode(entry))
        self.records += 1

    def sync(self) -> None:
        """Write to the disk what was added so far."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Write everything to the disk and give the file free for sending."""
        if self._file.closed:
            return
        self.sync()
        self._file.close()

    def _frame(self, data: bytes) -> None:
        self._file.write(_LENGTH.pack(len(data)) + data)


class SpoolFile:
    """A spool file found in the folder, locked while it is open."""

    def __init__(self, path: Path, file: IO[bytes], head: SpoolHead) -> None:
        self.path, self.head, self._file = path, head, file

    def records(self) -> Iterator[tuple[int, Record | Withheld]]:
        """Number and record, in order, up to the last whole one; withheld ones wait here to be counted."""
        decoder = msgspec.msgpack.Decoder(_Entry)
        while (frame := _read_frame(self._file)) is not None:
            entry = decoder.decode(frame)
            record = Record(entry.key, entry.value, entry.timestamp_ms, entry.source)
            yield entry.number, record if entry.reason is None else Withheld(record, entry.reason, entry.detail)

    def remove(self) -> None:
        """Its records are where they belong."""
        self.path.unlink()


def open_spool_files(folder: Path, source: str | None) -> Iterator[SpoolFile]:
    """Files waiting to be sent, oldest first; those of one source, or of all.

    Files that another process writes or sends at the moment are left to it.
    """
    for path in sorted(folder.glob("*.spool")):
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if not path.exists():
                continue
            frame = _read_frame(file)
            if frame is None:
                # Its writer was killed before the first record.
                path.unlink()
                continue
            head = msgspec.msgpack.decode(frame, type=SpoolHead)
            if source is None or head.source == source:
                yield SpoolFile(path, file, head)


def _read_frame(file: IO[bytes]) -> bytes | None:
    prefix = file.read(_LENGTH.size)
    if len(prefix) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(prefix)
    data = file.read(length)
    return data if len(data) == length else None
