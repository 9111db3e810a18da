"""The clock tells of live facilities that are silent, and of no others."""

from __future__ import annotations

from ingestion.landing.silence import LIVE_WITHIN_MS, SILENT_MS, Silence

NOW = 1_800_000_000_000


def live(*facilities: str) -> Silence:
    silence = Silence()
    for facility in facilities:
        silence.learn(facility)
        silence.heard(facility, received_ms=NOW, event_ms=NOW, ended=False)
    return silence


def test_a_facility_is_due_after_a_second_of_silence_and_again_each_second() -> None:
    silence = live("a")
    assert silence.due(NOW + SILENT_MS - 1) == []
    assert silence.due(NOW + SILENT_MS) == ["a"]
    assert silence.due(NOW + SILENT_MS + 1) == []
    assert silence.due(NOW + 2 * SILENT_MS) == ["a"]


def test_a_facility_that_speaks_is_not_due() -> None:
    silence = live("a", "b")
    silence.heard("a", received_ms=NOW + 900, event_ms=NOW + 900, ended=False)
    assert silence.due(NOW + SILENT_MS) == ["b"]


def test_a_facility_known_by_its_plan_only_is_not_due() -> None:
    silence = Silence()
    assert not silence.knows("a")
    silence.learn("a")
    assert silence.knows("a")
    assert silence.due(NOW) == []


def test_learning_a_plan_again_forgets_nothing() -> None:
    silence = live("a")
    silence.learn("a")
    assert silence.due(NOW + SILENT_MS) == ["a"]


def test_a_replay_of_another_time_is_not_live() -> None:
    for event_ms in (NOW - LIVE_WITHIN_MS - 1, NOW + LIVE_WITHIN_MS + 1):
        silence = live("a")
        silence.heard("a", received_ms=NOW, event_ms=event_ms, ended=False)
        assert silence.due(NOW + 10 * SILENT_MS) == []


def test_a_source_that_ended_is_not_live_until_it_speaks_again() -> None:
    silence = live("a")
    silence.heard("a", received_ms=NOW, event_ms=NOW, ended=True)
    assert silence.due(NOW + 10 * SILENT_MS) == []
    silence.heard("a", received_ms=NOW + 20_000, event_ms=NOW + 20_000, ended=False)
    assert silence.due(NOW + 21_000) == ["a"]


def test_a_record_received_out_of_order_does_not_turn_the_clock_back() -> None:
    silence = live("a")
    silence.heard("a", received_ms=NOW - 5000, event_ms=NOW - 5000, ended=False)
    assert silence.due(NOW + SILENT_MS - 1) == []
