"""Features by themselves: stream, backtest and the plain kernel decide the same on them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.contracts import DERIVED, Event
from streaming_jobs.features.registry import COLUMNS
from streaming_jobs.features.snapshot import Rows, Snapshot, completed, decode, encode
from streaming_jobs.fold.facility import Outputs
from streaming_jobs.kernel.alerts import alert_id
from streaming_jobs.kernel.backtest import alerts_on
from streaming_jobs.kernel.engine import Engine
from tests.support.rules import CATALOGUE, with_parameter
from tests.support.scene import (
    FACILITY,
    T0,
    band,
    camera_state,
    check_in,
    config,
    end,
    fold_all,
    frame,
    person,
    received,
    seen,
    session,
    site_plan,
)
from tests.unit.test_fold import a_day_with_everything

S = 1000
WITH_FEATURES = dataclasses.replace(config(), features=True)


def fold_in_parts(events: list[Event], cuts: list[int]) -> Outputs:
    return fold_all(received(events), cuts, settings=WITH_FEATURES)


def in_one_line(alerts: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Id, version, place, subjects and times of alerts; of a stream's steps the last one."""
    merged = {a["alert_id"]: a for a in alerts}
    names = ("alert_id", "rule", "rule_version", "verdict", "zone", "subjects", "onset", "raised_at", "cleared")
    return [tuple(a[name] for name in names) for a in merged.values()]


def plain(out: Outputs) -> list[tuple[str, int | None]]:
    """Ids and ends of the alerts that the kernel alone gives."""
    engine, found = Engine(CATALOGUE), {}
    for row in out.features:
        engine.ready(row["profile"], row["day"])
        for change in engine.step(row["at"] // 1000, row["minute"], decode(row["grids"])):
            found[alert_id(FACILITY, change)] = None if change.ended_s is None else change.ended_s * S
    return list(found.items())


WALK = st.tuples(st.sampled_from("abc"), st.floats(0, 9), st.sampled_from(["abrupt", "walking", "inactive"]))
SECOND = st.one_of(
    st.none(),
    st.tuples(st.lists(WALK, max_size=3, unique_by=lambda w: w[0]), st.sampled_from(["A1", "A1-bed", "IR1"])),
    st.sampled_from(["fall", "risen", "dark", "ok", "open", "close", "check"]),
)


def scene_of(plan: list[tuple[Any, int]]) -> list[Event]:
    """Each entry of the plan goes on for some seconds."""
    events: list[Event] = [site_plan(), person("a", block="A"), person("b", block="B")]
    second = 0
    for what, length in plan:
        for s in range(length):
            at = T0 + (second + s) * S
            if isinstance(what, tuple):
                people, zone = what
                offset = 40 if zone == "IR1" else 0
                posture = "lying" if zone == "A1" else "standing"
                detections = [
                    seen(f"t{who}", x + offset, 5, zone, subject=who, role="detainee", motion=motion, posture=posture)
                    for who, x, motion in people
                ]
                events.append(frame(at, *detections, camera="cam-IR1" if zone == "IR1" else "cam-A1"))
            elif s == 0 and what in ("fall", "risen"):
                events.append(band("a", at, motion=what))
            elif s == 0 and what in ("dark", "ok"):
                events.append(camera_state(at, what))
            elif s == 0 and what in ("open", "close"):
                events.append(session(at, what))
            elif s == 0 and what == "check":
                events.append(check_in(at, "A1"))
        second += length
    return [*events, end(T0 + second * S)]


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(SECOND, st.integers(1, 45)), min_size=1, max_size=12),
    st.lists(st.integers(0, 200), max_size=4),
)
def test_stream_backtest_and_plain_kernel_give_identical_alerts(plan: list[tuple[Any, int]], cuts: list[int]) -> None:
    events = scene_of(plan)
    out = fold_in_parts(events, [cut for cut in cuts if cut <= len(events)])
    [tested] = alerts_on([list(CATALOGUE)], FACILITY, out.features)
    assert in_one_line(tested) == in_one_line(out.alert)
    assert plain(out) == [(a["alert_id"], a["cleared"]) for a in tested]


def test_a_backtest_beside_the_version_in_force_shows_what_a_candidate_would_have_raised() -> None:
    out = fold_in_parts(a_day_with_everything(), [])
    candidate = with_parameter("cel-06", "hold_s", 10.0)
    before, after = alerts_on([[CATALOGUE["cel-06"]], [candidate]], FACILITY, out.features)
    assert in_one_line(before) == in_one_line([a for a in out.alert if a["rule"] == "cel-06"])
    assert [(a["onset"], a["raised_at"] - a["onset"], a["rule_version"]) for a in after] == [
        (a["onset"], 10 * S, 2) for a in before
    ]
    assert [a["alert_id"] for a in after] == [a["alert_id"] for a in before]


def test_a_backtest_of_a_rule_that_cannot_be_used_says_which_and_where() -> None:
    out = fold_in_parts(a_day_with_everything(), [])
    with pytest.raises(ValueError, match="cel-02 at facility 330101, 2026-03-02: FloatingPointError"):
        alerts_on([[CATALOGUE["cel-02"].model_copy(update={"cooldown": 1e300})]], FACILITY, out.features)


def test_stored_features_are_those_of_the_second_bit_for_bit_and_fit_their_contract() -> None:
    out = fold_in_parts(a_day_with_everything(), [])
    assert [r["at"] for r in out.features] == [T0 + s * S for s in range(200)]
    for row in out.features:
        DERIVED["silver.features"].model_validate(row)
        assert encode(decode(row["grids"])) == row["grids"]


@pytest.mark.parametrize("value", [0.0, -0.0, 1.0, np.inf, 2049.0, 0.1, 1e300, 65520.0, 2.0**24 + 1])
def test_every_number_keeps_its_value_however_narrow_it_is_stored(value: float) -> None:
    values = np.full((3, len(COLUMNS["subject"])), np.nan)
    values[1, 0] = value
    nobody = {grain: Rows([], np.zeros((0, len(COLUMNS[grain])))) for grain in ("facility", "zone", "pair")}
    one = Snapshot({**nobody, "subject": Rows(["a", "b", "c"], values)}, np.array([True, False, True]), ["", "z", ""])
    back = decode(encode(one))
    assert np.array_equal(back.grains["subject"].values, values, equal_nan=True)
    assert list(back.here) == [True, False, True]
    assert back.zones == ["", "z", ""]


def test_features_of_another_format_are_refused() -> None:
    with pytest.raises(ValueError, match="stored features of format 02; this code reads 01"):
        decode(b"\x02abc")


def test_entities_out_of_sight_get_a_row_that_says_whether_anything_can_hold() -> None:
    blank = {grain: Rows([], np.zeros((0, len(COLUMNS[grain])))) for grain in COLUMNS}
    subjects = Rows(["a", "b", "c"], np.zeros((3, len(COLUMNS["subject"]))))
    one = Snapshot({**blank, "subject": subjects}, np.array([True, True, False]), ["", "", ""])
    rows, certain = completed(one, "pair", ["a|b", "a|c", "a|gone"])
    # Seen apart, and gone: nothing can hold. One of them only out of sight: not observable.
    assert (rows.keys, certain) == (["a|c", "a|b", "a|gone"], 2)
    assert np.isnan(rows.values).all()
    rows, certain = completed(one, "subject", ["b", "gone"])
    assert (rows.keys, certain) == (["a", "b", "c", "gone"], 1)
