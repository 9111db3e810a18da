"""A second's features by themselves: what rules are decided on, in the stream and on history alike.

A snapshot does not depend on the rules that run, so that one stored yesterday serves a rule written
today. Rows for entities that are out of sight but have a running timer are added by
:func:`completed`, which both the stream and a backtest go through.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from streaming_jobs.features.feature import GRAINS, Grain
from streaming_jobs.features.registry import COLUMNS
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import Bools, Floats


@dataclass(frozen=True)
class Rows:
    """Entities of a grain with their features: ``keys`` E names, ``values`` (E, F) in the order of COLUMNS."""

    keys: Sequence[str]
    values: Floats


@dataclass(frozen=True)
class Snapshot:
    """One second. Shapes: S subjects, in the order of the subject grain.

    ``here``: (S,) seen by a camera in this very second. ``zones``: (S,) where each was seen last, "" if nowhere.
    """

    grains: Mapping[Grain, Rows]
    here: Bools
    zones: Sequence[str]


def snapshot_of(sheet: Sheet) -> Snapshot:
    """What a filled sheet says."""
    plan = sheet.world.plan
    zones = ["" if number < 0 else plan.zones[number] for number in sheet.subject_column("zone")]
    here = np.asarray(sheet.subject_column("seen_s") == sheet.second, dtype=np.bool_)
    return Snapshot({grain: Rows(grid.keys, grid.values) for grain, grid in sheet.grids.items()}, here, zones)


def completed(snapshot: Snapshot, grain: Grain, running: Iterable[str]) -> tuple[Rows, int]:
    """The rows of a grain, then one without features for each running key that has none.

    Returns:
        The rows, and how many at the end are of entities about which nothing can hold: a subject that
        is neither registered nor seen or heard any more, two people who are both seen but not near
        each other, or one of whom is gone. A pair with one out of sight is not observable.
    """
    rows = snapshot.grains[grain]
    known = set(rows.keys)
    extra = [key for key in running if key not in known]
    if not extra:
        return rows, 0
    unsure: list[str] = []
    if grain == "pair":
        here = dict(zip(snapshot.grains["subject"].keys, snapshot.here, strict=True))
        for key in extra:
            both = [here.get(one) for one in key.split("|", 1)]
            if None not in both and not all(both):
                unsure.append(key)
    certain = [key for key in extra if key not in set(unsure)]
    blank = np.full((len(extra), rows.values.shape[1]), np.nan)
    return Rows([*rows.keys, *unsure, *certain], np.concatenate([rows.values, blank])), len(certain)


class _Grid(msgspec.Struct, array_like=True):
    keys: list[str]
    columns: dict[str, list[str]]  # by width in bytes: names of the columns that are not NaN throughout
    values: dict[str, bytes]  # by width: little-endian floats, column by column


class _Snapshot(msgspec.Struct, array_like=True):
    grids: dict[str, _Grid]
    here: bytes  # one bit a subject
    zones: list[str]  # names that occur, by number below
    zone_of: bytes  # int16 a subject


_DECODER = msgspec.msgpack.Decoder(_Snapshot)
_VERSION = b"\x01"
_WIDTHS = {"2": "<f2", "4": "<f4", "8": "<f8"}
_NAMES = {grain: np.array(list(columns), dtype=object) for grain, columns in COLUMNS.items()}


def encode(snapshot: Snapshot) -> bytes:
    """A byte of the format's version, then msgpack; features by name, so that it opens later.

    A column is written in the narrowest float that holds its values exactly: counts and flags fit
    into two bytes. It is not compressed here: the lake compresses many seconds of a facility in one
    go, to a tenth of what each would need by itself.
    """
    grids: dict[str, _Grid] = {}
    for grain, rows in snapshot.grains.items():
        missing = np.isnan(rows.values)
        left = ~missing.all(axis=0)
        columns, values = {}, {}
        for width, kind in _WIDTHS.items():
            with np.errstate(over="ignore"):
                narrow = rows.values.astype(kind)
            exact = left & ((narrow == rows.values) | missing).all(axis=0)
            if exact.any():
                columns[width] = list(_NAMES[grain][exact])
                values[width] = narrow[:, exact].T.tobytes()
                left &= ~exact
        grids[grain] = _Grid(list(rows.keys), columns, values)
    numbers = {name: i for i, name in enumerate(dict.fromkeys(snapshot.zones))}
    zone_of = np.array([numbers[name] for name in snapshot.zones], dtype="<i2").tobytes()
    body = _Snapshot(grids, np.packbits(snapshot.here).tobytes(), list(numbers), zone_of)
    return _VERSION + msgspec.msgpack.encode(body)


def decode(data: bytes) -> Snapshot:
    """The snapshot in :func:`encode`'s bytes. Features that are no longer known are left out.

    Raises:
        ValueError: bytes of another format.
    """
    if data[:1] != _VERSION:
        raise ValueError(f"stored features of format {data[:1].hex() or 'none'}; this code reads {_VERSION.hex()}")
    body = _DECODER.decode(memoryview(data)[1:])
    grains: dict[Grain, Rows] = {}
    for grain in GRAINS:
        grid, known = body.grids[grain], COLUMNS[grain]
        values = np.full((len(grid.keys), len(known)), np.nan)
        for width, names in grid.columns.items():
            raw = np.frombuffer(grid.values[width], dtype=_WIDTHS[width]).reshape(len(names), len(grid.keys))
            at = [(known[name], i) for i, name in enumerate(names) if name in known]
            values[:, [to for to, _ in at]] = raw[[i for _, i in at]].T
        grains[grain] = Rows(grid.keys, values)
    subjects = len(grains["subject"].keys)
    here = np.unpackbits(np.frombuffer(body.here, dtype=np.uint8), count=subjects).astype(np.bool_)
    return Snapshot(grains, here, [body.zones[i] for i in np.frombuffer(body.zone_of, dtype="<i2")])
