"""The simulator's live events: valid, in order, repeatable, and true to what the rules should find."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from infra.settings import UserError
from ingestion.contracts import EVENTS, VideoFrame
from ingestion.contracts.schemas import event_decoder
from ingestion.sources.record import Record
from ingestion.sources.simulator import Scenario, live, truth
from ingestion.sources.simulator.live import LiveFacility
from ingestion.sources.simulator.movement import RUNNING
from ingestion.sources.simulator.plan import FloorPlan

SUBSYSTEMS = {
    "video",
    "wristband",
    "access",
    "perimeter",
    "patrol",
    "interrogation",
    "visit",
    "medical",
    "terminal",
    "vehicle_goods",
    "environment",
    "device",
}

SHORT = Scenario(live_seconds=300, detainees=18, fps=1)
HOUR = Scenario(live_facilities=1, detainees=24, fps=0.2)


@pytest.fixture(scope="module")
def short() -> list[Record]:
    return list(live(SHORT))


def times(records: list[Record]) -> list[tuple[bytes | None, int]]:
    decoder = event_decoder(EVENTS.values())
    return [(r.key, decoder.decode(r.value).event_time) for r in records]


def test_every_event_keeps_its_contract(short: list[Record]) -> None:
    times(short)  # the strict decoder of the stream job takes every one
    kinds: Counter[str | None] = Counter()
    for record in short:
        kinds[record.source] += 1
        if kinds[record.source] <= 300:  # pydantic, the contract itself, on a sample of every subsystem
            name = record.value[9 : record.value.index(b'"', 9)].decode()
            EVENTS[name].model_validate_json(record.value)


def test_all_twelve_subsystems_post_events() -> None:
    assert {r.source for r in live(HOUR)} >= SUBSYSTEMS | {"duty", "platform"}


def test_events_of_a_facility_come_in_the_order_of_their_time(short: list[Record]) -> None:
    last: dict[bytes | None, int] = {}
    for key, t in times(short):
        assert t >= last.get(key, 0)
        last[key] = t


def test_a_facility_begins_with_its_plan_and_people_and_ends_with_a_watermark(short: list[Record]) -> None:
    decoder = event_decoder(EVENTS.values())
    for place in SHORT.live_places:
        mine = [decoder.decode(r.value) for r in short if r.key == place.facility.encode()]
        assert type(mine[0]).__name__ == "SitePlan"
        assert {type(e).__name__ for e in mine[1:20]} == {"PersonContext"}
        assert mine[-1].reason == "end_of_replay"
        assert mine[-1].complete_to == SHORT.end_ms


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(short: list[Record]) -> None:
    assert list(live(SHORT)) == short
    assert list(live(replace(SHORT, seed=8))) != short


def test_a_camera_posts_one_frame_at_every_tick_with_all_it_sees(short: list[Record]) -> None:
    cameras = len(FloorPlan(SHORT.detainees).views)
    frames = [VideoFrame.model_validate_json(r.value) for r in short[:20_000] if r.source == "video"]
    seen: dict[tuple[str, int], set[str]] = {}
    for frame in frames:
        assert seen.setdefault((frame.facility, frame.event_time), set()).isdisjoint({frame.device})
        seen[frame.facility, frame.event_time].add(frame.device)
    whole = [devices for _, devices in sorted(seen.items())[:50]]
    assert all(len(devices) == cameras for devices in whole)


def test_people_are_always_somewhere_and_never_faster_than_running() -> None:
    facility = LiveFacility(HOUR, HOUR.live_places[0])
    ticks = np.arange(0, HOUR.live_seconds, 0.5)
    x, y, _, _, here = facility.tracks.sample(ticks)
    zones = facility.stage.plan.zones_at(x, y)
    assert (zones[here] >= 0).all()
    step = np.hypot(np.diff(x), np.diff(y)) / 0.5
    moving = here[:, 1:] & here[:, :-1]
    assert step[moving].max() < 4.6


def test_in_quiet_life_blocks_never_come_near_without_an_officer_and_nobody_runs_but_in_the_yard() -> None:
    quiet = Scenario(live_facilities=1, quiet=True)
    facility = LiveFacility(quiet, quiet.live_places[0])
    people, plan = facility.people, facility.stage.plan
    x, y, _, motion, here = facility.tracks.sample(np.arange(0.0, quiet.live_seconds, 1.0))
    zones = plan.zones_at(x, y)
    runs = {plan.ids[z] for z in zones[here & (motion == RUNNING)]}
    assert runs <= {"YARD"}
    officers = np.array([p.role == "officer" for p in people])
    for a, b in combinations([n for n, p in enumerate(people) if p.role == "detainee"], 2):
        if people[a].block == people[b].block:
            continue
        near = here[a] & here[b] & (np.hypot(x[a] - x[b], y[a] - y[b]) < 1.5)
        for second in np.flatnonzero(near):
            there = {zones[a, second], zones[b, second]}
            assert there & set(zones[officers & here[:, second], second]), (people[a].cell, people[b].cell, second)


def test_whoever_relieves_a_post_has_a_place_in_its_room_after_many_shifts() -> None:
    facility = LiveFacility(replace(HOUR, live_seconds=3 * 86_400, incidents="none"), HOUR.live_places[0])
    plan = facility.stage.plan
    staff = [p for p in facility.people if p.shift]
    assert len(staff) > 40
    x, y = (np.array([p.home[axis] for p in staff]) for axis in (0, 1))
    assert [plan.ids[zone] for zone in plan.zones_at(x, y)] == [p.home_zone for p in staff]


def test_incidents_at_a_rate_are_staged_by_chance_within_the_time() -> None:
    often = Scenario(live_facilities=1, incidents=20.0, seed=3)
    found = truth(often)
    assert len({t.kind for t in found}) > 3
    assert all(often.start_ms <= t.begin_ms < t.end_ms <= often.end_ms for t in found)


@pytest.mark.parametrize(
    "wrong", [{"live_facilities": 99}, {"incidents": "many"}, {"detainees": 0}, {"incidents": -1.0}]
)
def test_a_scenario_that_cannot_be_simulated_says_what_to_give(wrong: dict[str, object]) -> None:
    with pytest.raises(UserError) as caught:
        Scenario(**wrong)  # type: ignore[arg-type]
    assert caught.value.do
