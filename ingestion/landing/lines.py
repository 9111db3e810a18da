"""Files of JSON lines as records: every line as it is, also a malformed one."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from infra.settings import UserError
from ingestion.landing.withheld import Withheld
from ingestion.sources.record import Record

_CHUNK = 1 << 20
MAX_LINE_BYTES = 256 * 1024 * 1024


class _CutShort(Exception):
    """The compressed file ends, or is damaged, in the middle."""


def read_lines(path: Path, key_field: str = "facility") -> Iterator[Record | Withheld]:
    """Records of a file, one a line; `.gz` is unpacked.

    The line is the payload, without its newline. The key is the line's `key_field` where the line
    is a JSON object that has it as a string, else there is none. Lines of white space only hold no
    record. A file cut short gives what was whole, and its last piece as withheld
    (`truncated_file`): a last line without newline that is not JSON, or a compressed file that
    ends in the middle.

    Raises:
        UserError: the file cannot be read, or holds a line over 256 MiB.
    """
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
        msgspec.defstruct("Keyed", [("key", Any, msgspec.field(default=None, name=key_field))])
    )
    number = 0
    rest = b""
    try:
        for chunk in _chunks(path):
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            if len(rest) > MAX_LINE_BYTES:
                raise UserError(
                    f"a line is longer than {MAX_LINE_BYTES} bytes",
                    where=f"{path}:{number + len(lines) + 1}",
                    do="give a file of JSON lines",
                )
            for line in lines:
                number += 1
                if line and not line.isspace():
                    yield Record(_key(decoder, line), line)
    except _CutShort as cut:
        yield Withheld(Record(None, rest), "truncated_file", f"{path}:{number + 1}: {cut}; fetch the file again")
        return
    except OSError as error:
        raise UserError(
            f"cannot read the file: {error.strerror}", where=f"{path}:{number + 1}", do="give a readable file"
        ) from error
    if not rest or rest.isspace():
        return
    if _is_json(rest):
        yield Record(_key(decoder, rest), rest)
    else:
        yield Withheld(
            Record(None, rest),
            "truncated_file",
            f"{path}:{number + 1}: the last line has no newline and is not JSON; fetch the file again",
        )


def _key(decoder: msgspec.json.Decoder[Any], line: bytes) -> bytes | None:
    try:
        key = decoder.decode(line).key
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return key.encode() if isinstance(key, str) and key else None


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        if path.suffix != ".gz":
            while chunk := file.read(_CHUNK):
                yield chunk
            return
        unpack = zlib.decompressobj(wbits=31)
        while packed := file.read(_CHUNK):
            while packed:
                if unpack.eof:  # another member follows, as from `cat a.gz b.gz`
                    unpack = zlib.decompressobj(wbits=31)
                try:
                    chunk = unpack.decompress(packed)
                except zlib.error as error:
                    raise _CutShort(f"the compressed file is damaged: {error}") from error
                packed = unpack.unused_data
                if chunk:
                    yield chunk
        if not unpack.eof:
            raise _CutShort("the compressed file is cut short")
