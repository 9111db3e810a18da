"""Wristbands and vital signs: off, silent, out of the person's limits."""

from __future__ import annotations

from math import isnan

import pytest

from ingestion.contracts import DeviceHealth, PersonContext, WristbandReading
from tests.support.wing import Told, event


def band(at: float, worn: bool = True, **more: object) -> WristbandReading:
    return event(WristbandReading, at, "band-1", subject="p-1", worn=worn, **more)


def person(at: float = 0, **more: object) -> PersonContext:
    return event(PersonContext, at, "register", subject="p-1", **more)


def gateway(at: float, state: str) -> DeviceHealth:
    return event(DeviceHealth, at, "gateway-1", kind="gateway", state=state)


def test_a_band_is_off_from_the_first_reading_that_says_so_until_it_is_worn() -> None:
    told = Told([person(), band(5), band(10, False), band(20, False), band(30)], 40)
    assert [told("subject.band_off_s", at, "p-1") for at in (9, 10, 25, 30)] == [0, 0, 15, 0]


def test_a_band_is_silent_since_it_was_last_heard_and_nobody_without_a_band_is() -> None:
    told = Told([person(), event(PersonContext, 0, "register", subject="p-2"), band(10)], 60)
    assert [told("subject.band_silent_s", at, "p-1") for at in (5, 10, 50)] == [0, 0, 40]
    assert told("subject.band_silent_s", 50, "p-2") == 0


def test_who_has_left_the_facility_is_not_missed_by_the_gateways() -> None:
    told = Told([person(), band(10, False), person(20, present=False), person(25)], 60)
    assert told("subject.band_silent_s", 50, "p-1") == 0
    assert told("subject.band_off_s", 50, "p-1") == 0


def test_under_a_gateway_that_is_down_silence_says_nothing_and_counts_from_its_return() -> None:
    told = Told([person(), band(10), gateway(20, "down"), gateway(200, "ok")], 260)
    assert told("subject.band_silent_s", 60, "p-1") == 50
    assert isnan(told("subject.band_silent_s", 100, "p-1"))
    assert isnan(told("subject.heart_rate_outside", 100, "p-1"))
    assert told("subject.band_silent_s", 220, "p-1") == 21


@pytest.mark.parametrize(("rate", "outside"), [(45, 0), (40, 5), (130, 0), (150, 20)])
def test_the_heart_rate_lies_outside_the_limits_by_so_much(rate: float, outside: float) -> None:
    told = Told([person(), band(10, heart_rate=rate, spo2=97)], 30)
    assert told("subject.heart_rate_outside", 15, "p-1") == outside


def test_a_person_s_own_limits_hold_from_the_context_on_and_a_correction_replaces_them() -> None:
    events = [
        person(heart_rate_min=38.0, spo2_min=86.0),
        band(10, heart_rate=40, spo2=87),
        person(20),
        band(25, heart_rate=40, spo2=87),
    ]
    told = Told(events, 40)
    assert (told("subject.heart_rate_outside", 15, "p-1"), told("subject.spo2_below", 15, "p-1")) == (0, 0)
    assert (told("subject.heart_rate_outside", 26, "p-1"), told("subject.spo2_below", 26, "p-1")) == (5, 3)


def test_a_reading_without_a_value_and_a_silent_band_are_not_healthy() -> None:
    told = Told([person(), band(10, heart_rate=70)], 100)
    assert told("subject.heart_rate_outside", 20, "p-1") == 0
    assert isnan(told("subject.spo2_below", 20, "p-1"))
    assert isnan(told("subject.heart_rate_outside", 90, "p-1"))


def test_without_a_wristband_nothing_is_out_of_range() -> None:
    told = Told([person()], 30)
    assert (told("subject.heart_rate_outside", 20, "p-1"), told("subject.spo2_below", 20, "p-1")) == (0, 0)


def test_a_pulse_out_of_range_for_a_minute_is_reported_and_a_silent_band_is_too() -> None:
    told = Told([person(), *(band(t, heart_rate=168, spo2=97) for t in range(10, 90, 8))], 500)
    assert told.alerts("hlt-01")[0] == ("raised", "", 70)
    assert told.alerts("hlt-02") == [("raised", "", 383)]
