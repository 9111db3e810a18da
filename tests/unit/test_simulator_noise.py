"""Noise over the simulator's records: each kind does what its figure says, and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from infra.settings import UserError
from ingestion.contracts import EVENTS
from ingestion.contracts.schemas import event_decoder
from ingestion.sources.record import Record
from ingestion.sources.simulator import Noise, Scenario, live, truth
from ingestion.sources.simulator.noise import SENSORS, gaps

CLEAN = Scenario(live_facilities=1, live_seconds=420, detainees=18, fps=2, incidents="none")
DECODER = event_decoder(EVENTS.values())


def noisy(**kinds: float) -> list[Record]:
    return list(live(replace(CLEAN, noise=Noise(**kinds))))


def frames(records: list[Record]) -> dict[tuple[str, int], list]:
    events = (DECODER.decode(r.value) for r in records if r.source == "video")
    return {(e.device, e.event_time): e.detections for e in events}


@pytest.fixture(scope="module")
def clean() -> dict[tuple[str, int], list]:
    return frames(list(live(CLEAN)))


def test_without_noise_every_record_passes_as_it_is_and_with_noise_the_same_seed_gives_the_same_bytes() -> None:
    noise = Noise.typical()
    one, two = (list(live(replace(CLEAN, noise=noise, live_seconds=120))) for _ in range(2))
    assert one == two
    assert one != list(live(replace(CLEAN, live_seconds=120)))
    assert Noise().clean
    assert not noise.clean


def test_every_noisy_event_keeps_its_contract_and_the_order_of_time() -> None:
    strong = {"missed": 0.2, "switched_per_hour": 60, "false_per_hour": 60, "hidden_per_hour": 60, "gaps_per_day": 200}
    events = [DECODER.decode(r.value) for r in noisy(jitter_m=0.3, lost=0.05, **strong)]
    assert all(a.event_time <= b.event_time for a, b in pairwise(events))
    assert {"SitePlan", "VideoFrame", "WristbandReading"} <= {type(e).__name__ for e in events}


def test_jitter_moves_foot_points_by_its_standard_deviation_on_the_floor(clean: dict) -> None:
    plan = DECODER.decode(next(iter(live(CLEAN))).value)
    metre = {c.id: c.homography[0] for c in plan.cameras}
    moved = [
        metre[camera] * (after.x - before.x)
        for (camera, t), found in frames(noisy(jitter_m=0.1)).items()
        for before, after in zip(clean[camera, t], found, strict=True)
    ]
    assert len(moved) > 5000
    assert np.std(moved) == pytest.approx(0.1, rel=0.1)


def test_missed_detections_are_their_share_and_hidden_people_are_gone_for_seconds(clean: dict) -> None:
    total = sum(map(len, clean.values()))
    missed = sum(map(len, frames(noisy(missed=0.1)).values()))
    assert missed / total == pytest.approx(0.9, abs=0.01)
    hidden = frames(noisy(hidden_per_hour=20, hidden_s=10))
    assert sum(map(len, hidden.values())) / total == pytest.approx(1 - 20 * 10 / 3600, abs=0.03)


def test_a_switch_gives_two_tracks_each_others_name_and_wearer_for_a_while_and_loses_nobody(clean: dict) -> None:
    switched = frames(noisy(switched_per_hour=20, switched_s=5))
    wrong = 0
    for key, before in clean.items():
        after = switched[key]
        assert {(d.track, d.subject) for d in after} == {(d.track, d.subject) for d in before}
        wrong += sum((a.track, a.x) != (b.track, b.x) for a, b in zip(before, after, strict=True))
    assert 0.01 < wrong / sum(map(len, clean.values())) < 0.2


def test_false_detections_have_no_wearer_and_lie_in_a_zone_of_their_camera(clean: dict) -> None:
    found = frames(noisy(false_per_hour=30, false_s=4))
    false = [(camera, d) for (camera, _), seen in found.items() for d in seen if d.track.startswith("f")]
    assert false
    assert all(d.subject is None and camera.removeprefix("cam-") in d.zone for camera, d in false if "/" in d.zone)
    expected = 30 * 4 / 3600 * len(clean)
    assert expected / 3 < len(false) < expected * 2


def test_only_records_of_sensors_get_lost() -> None:
    before, after = (Counter(r.source for r in records) for records in (live(CLEAN), noisy(lost=0.2)))
    assert {s for s in before if after[s] != before[s]} <= SENSORS
    assert after["video"] / before["video"] == pytest.approx(0.8, abs=0.03)


def test_a_silent_camera_gives_no_frame_and_is_reported_only_where_its_recorder_noticed() -> None:
    noise = Noise(gaps_per_day=300, gap_s=60)
    scenario = replace(CLEAN, noise=noise, live_seconds=900)
    found = frames(records := list(live(scenario)))
    health = [DECODER.decode(r.value) for r in records if r.source == "device"]
    silent = {(e.device, e.event_time) for e in health if e.state == "silent"}
    span = (scenario.start_ms, scenario.end_ms)
    announced = set()
    for camera in {device for device, _ in found}:
        rng = scenario.rng("gaps", scenario.live_places[0].facility, camera)
        for gap in gaps(noise, rng, camera, *span):
            assert not [t for device, t in found if device == camera and gap.begin_ms <= t < gap.end_ms]
            if gap.announced and gap.begin_ms + 5000 < span[1] - 1000:
                announced.add((camera, gap.begin_ms + 5000))
    assert announced <= silent
    assert len(silent) > 0
    assert {t.kind for t in truth(scenario)} == {"camera_silent"}


def test_noise_is_read_from_a_strength_or_from_named_figures() -> None:
    assert Noise.parse("1") == Noise.typical()
    assert Noise.parse("jitter_m=0.1, lost=0.02") == Noise(jitter_m=0.1, lost=0.02)
    for wrong in ("much", "7", "mood=1", "jitter_m", "lost=2", "jitter_m=-1"):
        with pytest.raises(UserError):
            Noise.parse(wrong)
