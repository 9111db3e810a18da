"""An id that is used again for somebody else gets a new track name."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sources.track_splitter import MAX_SPEED, TrackSplitter

SCALE = 0.05
Point = tuple[int, str, float, float]


def names(points: list[Point], *, blocks: int = 1) -> list[str]:
    splitter = TrackSplitter(SCALE)
    result: list[str] = []
    moments = sorted({point[0] for point in points})
    for part in np.array_split(np.array(moments), blocks):
        some = [point for point in points if point[0] in part]
        t, ids, x, y = zip(*some, strict=True) if some else ((), (), (), ())
        result += splitter.names(
            np.array(t, dtype=np.int64), np.array(ids, dtype=object), np.array(x, dtype=float), np.array(y, dtype=float)
        ).tolist()
    assert splitter.tracks == len(set(result))
    return result


def test_a_person_who_walks_keeps_one_name() -> None:
    assert set(names([(40 * n, "id0", 100 + n, 100) for n in range(50)])) == {"id0.1"}


def test_a_step_of_ten_pixels_in_a_frame_is_an_annotators_hand_and_of_twelve_another_person() -> None:
    assert names([(0, "a", 0, 0), (40, "a", 10, 0)]) == ["a.1", "a.1"]
    assert names([(0, "a", 0, 0), (40, "a", 12, 0)]) == ["a.1", "a.2"]


def test_a_gap_of_more_than_ten_frames_is_another_person_even_at_the_same_place() -> None:
    assert names([(0, "a", 5, 5), (400, "a", 5, 5), (840, "a", 5, 5)]) == ["a.1", "a.1", "a.2"]


def test_a_cut_of_the_film_renames_also_those_who_seem_to_go_on_nearby() -> None:
    before = [(0, "a", 10.0, 10.0), (0, "b", 50.0, 50.0)]
    after = [(40, "a", 200.0, 200.0), (40, "b", 51.0, 50.0)]
    assert names([*before, *after]) == ["a.1", "b.1", "a.2", "b.2"]


def test_one_persons_slip_does_not_rename_the_others() -> None:
    before = [(0, "a", 10.0, 10.0), (0, "b", 50.0, 50.0)]
    after = [(40, "a", 25.0, 10.0), (40, "b", 51.0, 50.0)]
    assert names([*before, *after]) == ["a.1", "b.1", "a.2", "b.1"]


points = st.lists(
    st.tuples(
        st.sampled_from([0, 40, 40, 40, 80, 1000]),
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 60),
        st.integers(0, 60),
    ),
    min_size=1,
    max_size=60,
)


@given(points, st.integers(1, 8))
def test_names_do_not_depend_on_blocks_and_nobody_is_faster_than_a_person(
    steps: list[tuple[int, str, int, int]], blocks: int
) -> None:
    t = np.cumsum([step[0] for step in steps]).tolist()
    made: list[Point] = [(at, who, x, y) for at, (_, who, x, y) in zip(t, steps, strict=True)]
    named = names(made)
    assert names(made, blocks=blocks) == named
    last: dict[str, Point] = {}
    for point, name in zip(made, named, strict=True):
        if name in last:
            before = last[name]
            metres = SCALE * max(0.0, np.hypot(point[2] - before[2], point[3] - before[3]) - np.sqrt(2))
            assert metres <= MAX_SPEED * (point[0] - before[0]) / 1000 + 1e-9
        last[name] = point
