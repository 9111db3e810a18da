"""Camera frames as JSON, assembled in arrays of bytes: hundreds of thousands of detections a second.

A detection is a row of bytes of one fixed width, put together from tables (person, zone, state) and
from a table of all numbers; JSON allows blanks between its parts, which pad the rows. A frame is a
head and a slice of the rows. What comes out is checked against the contract by tests.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ingestion.sources.simulator.movement import (
    CLIMBING,
    COVERED,
    LYING,
    MOTIONS,
    POSTURES,
    SITTING,
    STANDING,
    Floats,
    Person,
)
from ingestion.sources.simulator.plan import HIGHEST_PX, FloorPlan, View

BOX_M = {
    STANDING: (0.6, 1.7),
    SITTING: (0.7, 1.1),
    LYING: (1.7, 0.6),
    CLIMBING: (0.6, 1.9),
    4: (0.6, 1.5),
    COVERED: (1.7, 0.6),
}
NUMBERS = 10 * HIGHEST_PX

Bytes = npt.NDArray[np.uint8]


def _table(rows: list[str]) -> Bytes:
    """Texts as rows of bytes, padded with blanks to the longest."""
    width = max(len(r) for r in rows)
    return np.array([list(r.ljust(width).encode()) for r in rows], dtype=np.uint8)


def _numbers() -> Bytes:
    """0.0, 0.1, ... as texts of one width, padded on the left."""
    return _table([f"{n / 10:6.1f}" for n in range(NUMBERS)])


class FrameWriter:
    """Writes the frames of a facility's cameras for blocks of ticks."""

    def __init__(self, plan: FloorPlan, facility: str, people: list[Person]) -> None:
        self.plan = plan
        views: list[View] = plan.views
        self.heads = [
            f'{{"type":"video","facility":"{facility}","device":"{v.id}","event_time":'.encode() for v in views
        ]
        self.origin = np.array([[v.x0, v.y0] for v in views])
        self.scale = np.array([float(v.scale) for v in views])
        self.person = _table(
            [
                f'{{"track":"k{n}","role":"{p.role}","subject":' + ("null" if p.subject is None else f'"{p.subject}"')
                for n, p in enumerate(people)
            ]
        )
        self.zone = _table([f',"zone":"{z}"' for z in plan.ids])
        self.state = _table(
            [f',"posture":"{p}","motion":"{m}"' for p in POSTURES for m in MOTIONS],
        )
        self.box = _table(
            [
                f',"w":{BOX_M[p][0] * v.scale:.1f},"h":{BOX_M[p][1] * v.scale:.1f}'
                for v in views
                for p in range(len(POSTURES))
            ]
        )
        self.end = _table([',"confidence":0.95},'])
        self.number = _numbers()
        parts = (self.person, self.zone, self.state, self.box)
        self.width = sum(p.shape[1] for p in parts) + 2 * (5 + 6) + self.end.shape[1]

    def block(
        self,
        ticks_ms: npt.NDArray[np.int64],
        x: Floats,
        y: Floats,
        posture: npt.NDArray[np.int8],
        motion: npt.NDArray[np.int8],
        here: npt.NDArray[np.bool_],
        dark: npt.NDArray[np.bool_],
    ) -> Iterator[tuple[int, bytes]]:
        """``(event time ms, frame)`` of every camera at every tick, in order of time.

        Args:
            ticks_ms: (T,) event times.
            x, y, posture, motion, here: (P, T) of all people.
            dark: (T, cameras) True where a camera gives no frame.
        """
        cameras, ticks = len(self.heads), len(ticks_ms)
        zone = self.plan.zones_at(x, y)
        camera = self.plan.view_of_zone[zone]
        seen = here & (camera >= 0) & (zone >= 0)
        # Rows in the order of tick, camera, person.
        by_tick = seen.T
        tick, person = np.nonzero(by_tick)
        slot = tick * cameras + camera.T[by_tick]
        order = np.argsort(slot, kind="stable")
        slot, person, tick = slot[order], person[order], tick[order]
        rows = self._rows(person, tick, camera, zone, x, y, posture, motion)
        ends = np.cumsum(np.bincount(slot, minlength=ticks * cameras)) * self.width
        body = memoryview(rows.tobytes())
        lost = dark.ravel()
        begin = 0
        for number, end in enumerate(ends.tolist()):
            if not lost[number]:
                t = int(ticks_ms[number // cameras])
                # The last row of a frame ends in a comma that does not belong there.
                rows_of_frame = body[begin : end - 1] if end > begin else b""
                yield (
                    t,
                    b"".join((self.heads[number % cameras], str(t).encode(), b',"detections":[', rows_of_frame, b"]}")),
                )
            begin = end

    def _rows(
        self,
        person: npt.NDArray[np.intp],
        tick: npt.NDArray[np.intp],
        camera: npt.NDArray[np.int32],
        zone: npt.NDArray[np.int16],
        x: Floats,
        y: Floats,
        posture: npt.NDArray[np.int8],
        motion: npt.NDArray[np.int8],
    ) -> Bytes:
        count = len(person)
        view, where = camera[person, tick], zone[person, tick]
        px, py = x[person, tick], y[person, tick]
        scale = self.scale[view] * 10
        u = np.clip(((px - self.origin[view, 0]) * scale + 0.5).astype(np.int64), 0, NUMBERS - 1)
        v = np.clip(((py - self.origin[view, 1]) * scale + 0.5).astype(np.int64), 0, NUMBERS - 1)
        pose = posture[person, tick].astype(np.int64)
        out = np.empty((count, self.width), dtype=np.uint8)
        at = 0
        for table, index in (
            (self.person, person),
            (self.zone, where),
            (self.state, pose * len(MOTIONS) + motion[person, tick]),
            (self.box, view * len(POSTURES) + pose),
            (_X, None),
            (self.number, u),
            (_Y, None),
            (self.number, v),
            (self.end, None),
        ):
            width = table.shape[1]
            out[:, at : at + width] = table[0] if index is None else table.take(index, axis=0)
            at += width
        return out


_X, _Y = _table([',"x":']), _table([',"y":'])
