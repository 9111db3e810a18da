"""The floor plan of a facility: zones as rectangles in metres, ways between them, cameras over them.

::

    y
    |  muster    yard
    |  rooms  |hall| block W: corridor, post, cells above it
    |  rooms  |hall| block B
    |  rooms  |hall| block A
    |  vehicle area, gate
    +---------------------------------------------------- x

Blocks lie 3 m apart, so that nobody of two blocks is ever near through a wall. Places of people in
a cell are 2.1 m apart and never next to a wall.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PER_CELL = 6
CELL_W, CELL_D, BED_W = 4.6, 7.2, 2.3
CORRIDOR, PITCH, BASE = 2.6, 12.8, 10.0
HALL_X0, HALL_X1, ROOM_X0 = 30.0, 33.0, 24.0
FIRST_CELL_X = 36.0
ROOM_D, ROOM_PITCH = 5.0, 5.6
GRID_M = 0.1
HIGHEST_PX = 4000
"""Frames are written with coordinates below this."""
BLOCKS = ("A", "B", "W")
"""Blocks A and B hold men, block W women."""

ROOMS = (
    ("I-1", "interrogation"),
    ("I-2", "interrogation"),
    ("I-3", "interrogation"),
    ("M-1", "meeting"),
    ("M-2", "meeting"),
    ("M-3", "meeting"),
    ("MED", "medical"),
    ("MED-W", "open"),
    ("CTL", "control_room"),
    ("D-1", "open"),
    ("D-2", "open"),
)
"""Rooms along the hall: interrogation, meeting, medical and its waiting room, control, duty rooms."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Room:
    """A zone: a rectangle of the floor, and the way from its door to the hall's middle line."""

    id: str
    kind: str
    x0: float
    y0: float
    x1: float
    y1: float
    block: str = ""
    parent: str | None = None
    capacity: int | None = None
    running: bool = False
    way_out: tuple[Point, ...] = ()

    def at(self, dx: float, dy: float) -> Point:
        """A point of the room, metres from its lower left corner."""
        return self.x0 + dx, self.y0 + dy


@dataclass(frozen=True)
class View:
    """A camera that looks straight down on a rectangle; ``scale`` pixels are a metre."""

    id: str
    zones: tuple[str, ...]
    x0: float
    y0: float
    scale: float
    width: int
    height: int


class FloorPlan:
    """The plan for a number of detainees."""

    def __init__(self, detainees: int) -> None:
        cells = -(-detainees // PER_CELL)
        women = max(1, cells // 5) if cells > 1 else 0
        men = cells - women
        self.cells: dict[str, list[str]] = {}
        self.rooms: dict[str, Room] = {}
        hall_x = (HALL_X0 + HALL_X1) / 2
        self.hall_x = hall_x
        widest = 0.0
        for row, (block, count) in enumerate(zip(BLOCKS, (men - men // 2, men // 2, women), strict=True)):
            widest = max(widest, self._block(block, row, count))
        top = BASE + max(len(ROOMS) * ROOM_PITCH, len(BLOCKS) * PITCH) + 1
        self._add(Room("HALL", "corridor", HALL_X0, 8, HALL_X1, top, way_out=((hall_x, BASE),)))
        for number, (room, kind) in enumerate(ROOMS):
            y0 = BASE + number * ROOM_PITCH
            door_y = y0 + ROOM_D / 2
            way = ((HALL_X0 - 0.3, door_y), (hall_x, door_y))
            self._add(Room(room, kind, ROOM_X0, y0, HALL_X0, y0 + ROOM_D, way_out=way))
        yard_way = ((hall_x, top + 0.3), (hall_x, top - 0.3))
        self._add(Room("YARD", "yard", 20, top, 56, top + 19, running=True, way_out=yard_way))
        self._add(Room("MUSTER", "muster", 8, top, 20, top + 16, way_out=((20.3, top + 8), *yard_way)))
        self._add(Room("GATE", "gate", 28, 2, 35, 8, way_out=((hall_x, 7.7), (hall_x, 8.3))))
        self._add(Room("VEH", "vehicle_area", 8, 2, 28, 8, way_out=((28.3, 5), (hall_x, 7.7), (hall_x, 8.3))))
        self.x_max, self.y_max = max(widest, 56.0) + 4, top + 20
        for name, x0, y0, x1, y1 in (
            ("PER-S", 0, 0, self.x_max, 1),
            ("PER-N", 0, self.y_max - 1, self.x_max, self.y_max),
            ("PER-W", 0, 1, 1, self.y_max - 1),
            ("PER-E", self.x_max - 1, 1, self.x_max, self.y_max - 1),
        ):
            self._add(Room(name, "perimeter", x0, y0, x1, y1))
        self.ids = list(self.rooms)
        self.index = {zone: n for n, zone in enumerate(self.ids)}
        hall = self.rooms["HALL"]
        self.longest_way = (hall.y1 - hall.y0) + (widest - HALL_X0) + CELL_D + ROOM_D
        """At most this far (m) from one place to another, the yard's far end aside."""
        self.views = self._cameras()
        self.view_of_zone: npt.NDArray[np.int32] = np.full(len(self.ids), -1, dtype=np.int32)
        for number, view in enumerate(self.views):
            for zone in view.zones:
                self.view_of_zone[self.index[zone]] = number
        self.grid = self._raster()

    def _add(self, room: Room) -> None:
        self.rooms[room.id] = room

    def _block(self, block: str, row: int, count: int) -> float:
        y0 = BASE + row * PITCH
        y_mid, y_cells = y0 + CORRIDOR / 2, y0 + CORRIDOR
        x_end = FIRST_CELL_X + count * CELL_W
        junction = (self.hall_x, y_mid)
        self._add(Room(f"C-{block}", "corridor", HALL_X1, y0, x_end, y_cells, block, way_out=(junction,)))
        way: tuple[Point, ...] = ((HALL_X1 + 1.5, y_cells + 0.3), (HALL_X1 + 1.5, y_mid), junction)
        self._add(Room(f"P-{block}", "post", HALL_X1, y_cells, FIRST_CELL_X - 0.2, y_cells + 3, block, way_out=way))
        self.cells[block] = []
        for number in range(count):
            x0 = FIRST_CELL_X + number * CELL_W
            cell = f"{block}-{number + 1:02d}"
            door = x0 + 3.4
            way = ((door, y_cells + 0.3), (door, y_mid), junction)
            y1 = y_cells + CELL_D
            self._add(Room(cell, "cell", x0, y_cells, x0 + CELL_W, y1, block, None, PER_CELL, way_out=way))
            self._add(Room(f"{cell}/bed", "bed", x0, y_cells, x0 + BED_W, y1, block, cell, PER_CELL, way_out=way))
            self._add(Room(f"{cell}/wc", "toilet", x0 + BED_W, y1 - 1, x0 + CELL_W, y1, block, cell, 1, way_out=way))
            self.cells[block].append(cell)
        return x_end

    def _cameras(self) -> list[View]:
        groups = [[cell, f"{cell}/bed", f"{cell}/wc"] for cells in self.cells.values() for cell in cells]
        groups += [[f"C-{block}", f"P-{block}"] for block in BLOCKS]
        groups += [[z] for z in ("HALL", *(r for r, _ in ROOMS), "YARD", "MUSTER", "GATE", "VEH", "PER-N")]
        views = []
        for zones in groups:
            rooms = [self.rooms[z] for z in zones]
            x0, y0 = min(r.x0 for r in rooms), min(r.y0 for r in rooms)
            x1, y1 = max(r.x1 for r in rooms), max(r.y1 for r in rooms)
            # Round scales keep the homography exact in its decimal form.
            scales = (200, 160, 125, 100, 80, 50, 40, 25, 20, 10, 5, 4, 2, 1)
            scale = next(s for s in scales if (x1 - x0) * s <= 1920 and (y1 - y0) * s < HIGHEST_PX)
            views.append(
                View(f"cam-{zones[0]}", tuple(zones), x0, y0, scale, int((x1 - x0) * scale), int((y1 - y0) * scale))
            )
        return views

    def _raster(self) -> npt.NDArray[np.int16]:
        """Zone of every 0.1 m square, -1 outside; a bed or toilet lies over its cell."""
        grid = np.full((round(self.y_max / GRID_M), round(self.x_max / GRID_M)), -1, dtype=np.int16)
        for number, room in enumerate(self.rooms.values()):
            x0, y0, x1, y1 = (round(v / GRID_M) for v in (room.x0, room.y0, room.x1, room.y1))
            grid[y0:y1, x0:x1] = number
        return grid

    def zones_at(self, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.int16]:
        """Index of the zone under each point (any shape), -1 where there is none."""
        # A hair is added because 36.0 / 0.1 is 359.99... and a wall belongs to the zone above it.
        return self.grid[(y * 10 + 1e-6).astype(np.int32), (x * 10 + 1e-6).astype(np.int32)]

    def way(self, begin: Point, zone_from: str, end: Point, zone_to: str) -> list[Point]:
        """Corner points from one place to another through doors, corridors and the hall."""
        a, b = self.rooms[zone_from], self.rooms[zone_to]
        if (a.parent or a.id) == (b.parent or b.id):
            return [begin, end]
        out, back = list(a.way_out), list(b.way_out)
        # In the hall one walks straight to its middle line and along it.
        if a.id == "HALL":
            out = [(self.hall_x, begin[1])]
        if b.id == "HALL":
            back = [(self.hall_x, end[1])]
        if a.block and a.block == b.block:
            out, back = out[:-1], back[:-1]
        points = [begin, *out, *reversed(back), end]
        return [p for n, p in enumerate(points) if n == 0 or p != points[n - 1]]

    def door_side(self, cell: str) -> Point:
        """The point of the corridor in front of a cell's or room's door (for a room, of the hall)."""
        return self.rooms[cell].way_out[1]
