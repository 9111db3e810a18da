"""Vehicles and goods in the yard, tools and keys: bookings, inspections, counts."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

UNBOOKED_S = 86_400.0  # a vehicle without a booking counts as a day over its time
DAY_S = 86_400  # inspections and bookings past their end are forgotten after a day
GONE_S = 30 * 86_400  # a vehicle or delivery that never left by the books is forgotten after this long
SHIFT_S = 8 * 3600  # where no roster is known, pieces are due this long after they were counted out
HANDOVER_S = 900  # pieces counted out in a shift may be counted in during the handover

FEATURES = (
    Feature(
        "zone.vehicle_overstay_s",
        "s",
        "Longest time that a vehicle in the zone has stayed beyond its booked end; a day for one without a booking.",
        "a vehicle names a booking that is not known",
    ),
    Feature(
        "zone.goods_uninspected_s",
        "s",
        "Longest time since a delivery or shopping entered the zone that was not inspected.",
        "never",
    ),
    Feature(
        "facility.pieces_missing",
        "pieces",
        "Tools and keys not accounted for: counted in otherwise than out, or still out 15 min after the shift's end.",
        "a count was reported without its number",
    ),
)


class Vehicle(msgspec.Struct):
    zone: str
    entered_s: int
    booking: str = ""
    ends_s: int = 0  # as the gate read it from the booking; 0 where it did not


class Goods(msgspec.Struct):
    zone: str
    entered_s: int


class Pieces(msgspec.Struct):
    """A set of tools or keys. ``missing`` were so before it was last counted out; None: counted without number."""

    out_s: int
    due_s: int
    out: int | None
    back: int | None = None
    returned: bool = False
    missing: int = 0


class Shift(msgspec.Struct):
    starts_s: int
    ends_s: int


class State(msgspec.Struct):
    bookings: dict[str, int] = {}  # booking, or vehicle booked by its own name -> booked end, s
    vehicles: dict[str, Vehicle] = {}
    goods: dict[str, Goods] = {}
    inspected: dict[str, int] = {}  # goods -> second of an inspection before they entered
    pieces: dict[str, Pieces] = {}
    shifts: dict[str, Shift] = {}  # shifts of the roster, as planned


def _moved(state: State, world: World, second: int, event: Any) -> None:
    if event.kind == "vehicle":
        _vehicle(state, world, second, event)
    elif event.kind in ("delivery", "shopping"):
        _delivery(state, world, second, event)
    elif event.action == "count_out":
        _out(state, second, event)
    elif event.action == "count_in" and event.item in state.pieces:
        pieces = state.pieces[event.item]
        pieces.back, pieces.returned = event.count, True  # a second count corrects the first


def _place(world: World, zone: str | None) -> str:
    """The zone, or the first vehicle area where the gate names none."""
    areas = np.flatnonzero(world.plan.of_kind("vehicle_area"))
    return zone or (world.plan.zones[areas[0]] if len(areas) else "")


def _vehicle(state: State, world: World, second: int, event: Any) -> None:
    ends_s = 0 if event.ends_at is None else event.ends_at // 1000
    if event.action == "book":
        state.bookings[event.booking or event.item] = ends_s or second + DAY_S
    elif event.action == "enter":
        state.vehicles[event.item] = Vehicle(_place(world, event.zone), second, event.booking or "", ends_s)
    elif event.action == "leave":
        state.vehicles.pop(event.item, None)


def _delivery(state: State, world: World, second: int, event: Any) -> None:
    if event.action == "enter" and state.inspected.pop(event.item, None) is None:
        state.goods[event.item] = Goods(_place(world, event.zone), second)
    elif event.action == "inspect" and state.goods.pop(event.item, None) is None:
        state.inspected[event.item] = second
    elif event.action == "leave":
        state.goods.pop(event.item, None)


def _out(state: State, second: int, event: Any) -> None:
    old = state.pieces.get(event.item)
    missing = 0
    if old is not None and old.out is not None:
        # What is taken out again was found; what cannot be taken out is still missing.
        whole = old.out + old.missing
        lost = whole - old.back if old.returned and old.back is not None else 0
        missing = max(0, min(lost, whole - (event.count or 0)))
    state.pieces[event.item] = Pieces(second, _due(state, second), event.count, missing=missing)


def _due(state: State, out_s: int) -> int:
    """When pieces must be back: after the end that most of the shifts then running have."""
    ends = sorted(shift.ends_s for shift in state.shifts.values() if shift.starts_s <= out_s < shift.ends_s)
    return ends[len(ends) // 2] + HANDOVER_S if ends else out_s + SHIFT_S


def _duty(state: State, world: World, second: int, event: Any) -> None:
    if event.action == "cancel":
        state.shifts.pop(event.shift, None)
    elif event.action == "plan" and event.ends_at is not None:
        state.shifts[event.shift] = Shift((event.starts_at or 0) // 1000, event.ends_at // 1000)
    else:
        return
    for pieces in state.pieces.values():  # a corrected roster moves what is due
        pieces.due_s = _due(state, pieces.out_s)


def _missing(pieces: Pieces, second: int) -> float:
    if pieces.out is None or (pieces.returned and pieces.back is None):
        return np.nan
    if pieces.returned:
        return abs(pieces.out + pieces.missing - (pieces.back or 0))
    return pieces.missing + (pieces.out if second > pieces.due_s else 0)


def _booked_end(state: State, item: str, vehicle: Vehicle) -> float:
    """Booked end of a stay, s; -inf without a booking, NaN for a booking that nobody posted."""
    known = state.bookings.get(vehicle.booking or item)
    if known is not None:  # the latest booking corrects what the gate read
        return known
    return vehicle.ends_s or (np.nan if vehicle.booking else -np.inf)


def _tidy(state: State, second: int) -> None:
    """Drop what is done, so that the state stays small."""
    wanted = {vehicle.booking or item for item, vehicle in state.vehicles.items()}
    state.bookings = {k: end for k, end in state.bookings.items() if k in wanted or end > second - DAY_S}
    state.vehicles = {k: v for k, v in state.vehicles.items() if second - v.entered_s < GONE_S}
    state.goods = {k: v for k, v in state.goods.items() if second - v.entered_s < GONE_S}
    state.inspected = {k: t for k, t in state.inspected.items() if second - t < DAY_S}
    state.pieces = {k: v for k, v in state.pieces.items() if second - v.out_s < GONE_S}
    state.shifts = {k: v for k, v in state.shifts.items() if second - v.ends_s < DAY_S}


def compute(state: State, sheet: Sheet) -> None:
    plan, second = sheet.world.plan, sheet.second
    if second % 60 == 0:
        _tidy(state, second)
    over, waiting = np.zeros(len(plan.zones)), np.zeros(len(plan.zones))
    for item, vehicle in state.vehicles.items():
        zone = plan.zone_index.get(vehicle.zone)
        if zone is not None:
            stay = np.clip(second - _booked_end(state, item, vehicle), 0.0, UNBOOKED_S)
            # One that is over its time is so whatever is unknown of another.
            over[zone] = np.fmax(over[zone], stay) if over[zone] > 0 or stay > 0 else over[zone] + stay
    for goods in state.goods.values():
        zone = plan.zone_index.get(goods.zone)
        if zone is not None:
            waiting[zone] = max(waiting[zone], second - goods.entered_s)
    sheet.set("zone.vehicle_overstay_s", over)
    sheet.set("zone.goods_uninspected_s", waiting)
    sheet.set("facility.pieces_missing", sum(_missing(pieces, second) for pieces in state.pieces.values()))


DOMAIN = Domain("yard_vehicles", FEATURES, compute, State, {"VehicleGoodsEvent": _moved, "DutyShift": _duty})
