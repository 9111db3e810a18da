"""Air of the rooms: alarms, heat, carbon dioxide."""

from __future__ import annotations

from math import inf, isnan

from ingestion.contracts import EnvironmentReading
from streaming_jobs.features.domains.climate import DOMAIN, State
from tests.support.scene import T0
from tests.support.wing import Told, event


def air(at: float, device: str = "air-1", zone: str = "A1", **more: object) -> EnvironmentReading:
    return event(EnvironmentReading, at, device, zone=zone, **more)


def test_the_highest_of_a_room_s_sensors_counts() -> None:
    told = Told([air(5, temperature=22, co2=700), air(6, "air-2", temperature=60)], 20)
    assert told("zone.temperature", 10, "A1") == 60
    assert told("zone.co2", 10, "A1") == 700


def test_what_nobody_measures_exceeds_nothing() -> None:
    told = Told([air(5, humidity=50)], 20)
    assert told("zone.temperature", 10, "A1") == told("zone.co2", 10, "A2") == -inf
    assert told("zone.hazard_alarm", 10, "A2") == 0


def test_an_alarm_holds_until_its_own_sensor_is_quiet() -> None:
    told = Told([air(5, alarm="smoke"), air(10, "air-2", temperature=22), air(20, alarm="none")], 30)
    assert [told("zone.hazard_alarm", at, "A1") for at in (4, 5, 15, 20)] == [0, 1, 1, 0]


def test_a_sensor_that_measured_and_falls_silent_leaves_the_room_unobservable_but_an_alarm_stands() -> None:
    told = Told([air(5, temperature=22), air(5, zone="A2", temperature=22), air(6, "s", "A2", alarm="fire")], 400)
    assert told("zone.temperature", 305, "A1") == 22
    assert isnan(told("zone.temperature", 306, "A1"))
    assert isnan(told("zone.hazard_alarm", 306, "A1"))
    assert told("zone.hazard_alarm", 390, "A2") == 1


def test_a_smoke_sensor_that_speaks_only_in_alarm_is_not_silent() -> None:
    told = Told([air(5, alarm="smoke"), air(10, alarm="none")], 400)
    assert told("zone.hazard_alarm", 390, "A1") == 0


def mean_after(quarters: list[list[float]]) -> float:
    """The mean after readings by quarter of an hour; the handler alone, since hours of seconds take long."""
    state = State()
    for n, values in enumerate(quarters):
        for i, co2 in enumerate(values):
            at = T0 // 1000 + n * 900 + 10 * i
            DOMAIN.handles["EnvironmentReading"](state, None, at, air(0, co2=co2))  # type: ignore[arg-type]
    return state.co2_8h["A1"]


def test_the_eight_hour_mean_is_known_after_six_hours_and_weighs_quarters_alike() -> None:
    readings = [[1200.0] * 5] * 12 + [[800.0]] * 12
    assert isnan(mean_after(readings[:23]))
    assert mean_after(readings) == 1000


def test_the_mean_forgets_what_is_older_than_eight_hours() -> None:
    assert mean_after([[5000.0], *[[600.0]] * 32]) == 600


def test_fire_heat_and_bad_air_are_reported_at_once() -> None:
    events = [air(5, alarm="fire"), air(6, "a2", "A2", temperature=55), air(7, "w1", "W1", co2=5001)]
    assert Told(events, 20).alerts("env-01") == [("raised", "A1", 5), ("raised", "A2", 6), ("raised", "W1", 7)]
