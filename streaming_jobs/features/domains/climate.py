"""Air of the rooms: alarms, temperature, carbon dioxide."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

SILENT_S = 300  # a room's sensors that measured before and are silent for longer say nothing
QUARTER_S = 900
QUARTERS, ENOUGH = 32, 24  # of an hour: the mean is over 8 h, and known if 6 h of them have a value

SILENT = "sensors that measured before are silent for five minutes"
FEATURES = (
    Feature(
        "zone.hazard_alarm", "bool", "A smoke, gas, heat or fire sensor of the zone is in alarm; 0 without one.", SILENT
    ),
    Feature(
        "zone.temperature", "Cel", "Highest air temperature in the zone; minus infinity where none is measured.", SILENT
    ),
    Feature("zone.co2", "ppm", "Highest CO2 in the zone; minus infinity where none is measured.", SILENT),
    Feature(
        "zone.co2_8h",
        "ppm",
        "Mean CO2 of the last 8 h; minus infinity where none is measured.",
        "fewer than 6 h of values, or " + SILENT,
    ),
)


class Reading(msgspec.Struct):
    """What a sensor said last."""

    at_s: int
    alarm: bool
    temperature: float | None
    co2: float | None


class Quarter(msgspec.Struct):
    number: int
    total: float
    count: int


class State(msgspec.Struct):
    sensors: dict[str, dict[str, Reading]] = {}  # zone -> device -> reading
    measured_s: dict[str, int] = {}  # zone -> last second with a measured value
    alarm: dict[str, float] = {}  # zone -> 1 while a sensor is in alarm
    temperature: dict[str, float] = {}  # zone -> highest
    co2: dict[str, float] = {}
    quarters: dict[str, list[Quarter]] = {}  # zone -> CO2 by quarter of an hour
    co2_8h: dict[str, float] = {}  # zone -> mean


def _reading(state: State, world: World, second: int, event: Any) -> None:
    zone = event.zone
    sensors = state.sensors.setdefault(zone, {})
    sensors[event.device] = Reading(second, event.alarm != "none", event.temperature, event.co2)
    # A sensor that fell silent in alarm is still in alarm; what another measured long ago is not true any more.
    for name in [n for n, r in sensors.items() if second - r.at_s > SILENT_S and not r.alarm]:
        del sensors[name]
    if any(r.alarm for r in sensors.values()):
        state.alarm[zone] = 1.0
    else:
        state.alarm.pop(zone, None)
    if event.temperature is not None or event.co2 is not None or event.humidity is not None:
        state.measured_s[zone] = second
    _highest(state.temperature, zone, [r.temperature for r in sensors.values()])
    _highest(state.co2, zone, [r.co2 for r in sensors.values()])
    if event.co2 is not None:
        _mean(state, zone, second, event.co2)


def _highest(known: dict[str, float], zone: str, values: list[float | None]) -> None:
    given = [v for v in values if v is not None]
    if given:
        known[zone] = max(given)


def _mean(state: State, zone: str, second: int, co2: float) -> None:
    number = second // QUARTER_S
    quarters = state.quarters.setdefault(zone, [])
    if not quarters or quarters[-1].number != number:
        quarters[:] = [q for q in quarters if q.number > number - QUARTERS]
        quarters.append(Quarter(number, 0.0, 0))
    quarters[-1].total += co2
    quarters[-1].count += 1
    if len(quarters) >= ENOUGH:
        state.co2_8h[zone] = sum(q.total / q.count for q in quarters) / len(quarters)
    else:
        state.co2_8h[zone] = np.nan


def compute(state: State, sheet: Sheet) -> None:
    silent = sheet.second - sheet.by_zone(state.measured_s, np.nan) > SILENT_S
    alarm = sheet.by_zone(state.alarm, 0.0)
    sheet.set("zone.hazard_alarm", np.where(silent & (alarm == 0), np.nan, alarm))
    for feature, values in (
        ("zone.temperature", state.temperature),
        ("zone.co2", state.co2),
        ("zone.co2_8h", state.co2_8h),
    ):
        sheet.set(feature, np.where(silent, np.nan, sheet.by_zone(values, -np.inf)))


DOMAIN = Domain("climate", FEATURES, compute, State, {"EnvironmentReading": _reading})
