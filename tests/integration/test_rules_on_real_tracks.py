"""cel-02 and cel-03 on tracks that nobody here made, beside what the annotations say by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from streaming_jobs.catalogue import load_catalogue
from tests.support.real_tracks import (
    HOLD_S,
    PEOPLE,
    RUN_HOLD_S,
    SHORT_S,
    SMALL,
    SPEED_LIMIT,
    TRACKS,
    Track,
    alerts,
    crowding,
    running,
)
from tests.support.walkers import Walkers, overlap

pytestmark = pytest.mark.realdata

STILL = [track for track in TRACKS if track.still]
METRIC = [track for track in TRACKS if track.eth]


def name(track: Track) -> str:
    return track.name


@pytest.fixture(scope="module", params=TRACKS, ids=name)
def judged(request: pytest.FixtureRequest) -> tuple[Track, Walkers, list[dict[str, Any]]]:
    """A sequence, its annotations, and the alerts of the catalogue as it is."""
    return request.param, request.param.walkers(), alerts(request.param)


def test_nobody_who_walks_is_called_a_runner(judged: tuple[Track, Walkers, list[dict[str, Any]]]) -> None:
    track, walkers, found = judged
    ran = running(walkers, found)
    assert ran.wrong == []
    if track.still and not track.eth:
        assert ran.true == {}
    if track.eth:
        assert 1.2 < np.median(walkers.speed) < 1.5


def test_no_crowd_is_called_where_the_annotations_have_none(
    judged: tuple[Track, Walkers, list[dict[str, Any]]],
) -> None:
    track, walkers, found = judged
    if track.still:
        assert walkers.crowds(PEOPLE, HOLD_S) == []
    assert crowding([], found).found == []


def test_of_the_two_runners_of_eth_the_one_who_is_seen_for_longer_is_found() -> None:
    (track,) = (t for t in TRACKS if t.name == "eth")
    ran = running(track.walkers(), alerts(track))
    assert set(ran.true) == {189, 318}
    assert ran.found == [189]
    seconds = {who: end - begin for who, (begin, end) in ran.true.items()}
    # The rule's hold counts from the second whole second on: a runner must be in view for more than 3 s.
    assert seconds[318] < 3 < seconds[189]


def test_small_crowds_of_real_people_are_all_found_and_one_more() -> None:
    true, missed, wrong = 0, [], []
    for track in METRIC:
        small = crowding(track.walkers().crowds(SMALL, SHORT_S), alerts(track, people=SMALL, hold_s=SHORT_S))
        true += len(small.true)
        missed += small.missed
        wrong += small.wrong
        assert small.iou > 0.2
    assert true == 3
    assert missed == []
    assert len(wrong) <= 1


def test_the_truth_is_judged_by_the_thresholds_of_the_rules() -> None:
    rules = load_catalogue()
    limits = [rules[rule].parameters[one][0].value for rule, one in (("cel-02", "speed_limit"), ("cel-02", "hold_s"))]
    assert limits == [SPEED_LIMIT, RUN_HOLD_S]
    assert [rules["cel-03"].parameters[one][0].value for one in ("people", "hold_s")] == [PEOPLE, HOLD_S]


def test_the_overlap_of_intervals_is_shared_time_over_all_time() -> None:
    assert overlap([(0, 10)], [(5, 15)]) == pytest.approx(5 / 15)
    assert overlap([(0, 4), (6, 8)], [(0, 8)]) == pytest.approx(6 / 8)
    assert (overlap([], []), overlap([(1, 2)], [])) == (1, 0)
