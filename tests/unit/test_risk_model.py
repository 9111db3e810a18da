"""The model's table looks at nothing that was not there yet; its fit keeps its signs; its measures are right."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_jobs.risk.fit import fit
from batch_jobs.risk.job import packed, unpacked
from batch_jobs.risk.measures import auc, calibration, calibration_error, errors, psi, wilson
from batch_jobs.risk.model import split
from batch_jobs.risk.people import person_of
from batch_jobs.risk.table import HOUR_MS, Person, Question, rows_of
from infra.deployment.risk_fit import fitted, table_of_careers, write
from infra.settings import UserError
from ingestion.contracts import PsychologicalAssessment
from ingestion.sources.simulator import Scenario
from ingestion.sources.simulator.careers import careers
from streaming_jobs.catalogue import load_scorecard
from streaming_jobs.risk.history import Activations, Heard
from tests.support.scene import FACILITY, T0, person

DAY = 24 * HOUR_MS
QUESTION = Question(frozenset({"cel-01", "cel-05", "cel-06"}))
CARD = load_scorecard()
SEE = Activations(CARD)


def heard_of(career: Any) -> list[Heard]:
    events = [Heard(e.event_time, e.event_time, e.model_dump_json().encode()) for e in career.events]
    return events + [Heard(at, at, None, rule, f"{at}") for at, rule in career.alerts]


def assessed(at: int, available: int, result: str) -> Heard:
    event = PsychologicalAssessment(
        facility=FACILITY, event_time=at, device="d", subject="p-1", assessment=f"a{at}", method="interview",
        result=result, assessor="m",
    )  # fmt: skip
    return Heard(available, at, event.model_dump_json().encode())


# -- no look into the future -----------------------------------------------------------------------

CAREERS = list(careers(Scenario(seed=3), 25, 40))
END = Scenario(seed=3).start_ms


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(CAREERS), st.integers(0, 40 * 24))
def test_what_is_seen_at_a_moment_is_the_same_whatever_came_after_it(career: Any, hours: int) -> None:
    moment = END - 40 * DAY + hours * HOUR_MS
    whole = heard_of(career)
    then = [h for h in whole if max(h.at, h.available) <= moment]
    assert SEE(whole, [moment]) == SEE(then, [moment])


def test_what_happened_before_but_was_received_later_is_not_seen_yet() -> None:
    late = [Heard(T0, T0, person("p-1").model_dump_json().encode()), assessed(T0 + HOUR_MS, T0 + 5 * HOUR_MS, "high")]
    seen = SEE(late, [T0 + 2 * HOUR_MS, T0 + 6 * HOUR_MS])
    assert ["assessed_high" in row for row in seen] == [False, True]


def planted(leak: bool) -> float:
    """AUC of a factor that stands for the outcome itself: it becomes available only after it, or by a leak before."""
    rows = []
    for career in careers(Scenario(seed=5), 150, 40):
        heard = heard_of(career)
        for at, _ in career.alerts:
            # Entered after the event, and dated three days before it, as a report that was written up later is.
            written = at - 3 * DAY if leak else at + HOUR_MS
            heard.append(assessed(at - 3 * DAY, written, "high")._replace(payload=None, rule="cel-12", alert=f"m{at}"))
        found = person_of(career.subject, heard, QUESTION.outcomes, END)
        if found is not None:
            rows += rows_of(found, QUESTION, SEE)
    table = unpacked(packed(rows))
    return auc(table["outcome"].to_numpy(dtype=float), table["contact_across_blocks"].to_numpy())


def test_a_marker_of_the_future_tells_nothing_and_would_tell_everything_if_it_leaked() -> None:
    assert planted(leak=True) > 0.9
    assert planted(leak=False) < 0.65  # somebody who had an event is likelier to have another, no more


def test_a_moment_without_its_whole_horizon_has_no_row_unless_the_outcome_came_before() -> None:
    stay = Person("p", [], [T0 + 9 * DAY], T0 - T0 % DAY, T0 - T0 % DAY + 10 * DAY, {"sex": "male", "age_band": "x"})
    rows = rows_of(stay, QUESTION, lambda heard, moments: [{} for _ in moments])
    days = {(row["moment"] - stay.begin) // DAY: row["outcome"] for row in rows}
    assert days == {**dict.fromkeys(range(1, 7), False), 7: True, 8: True, 9: True}


def test_no_answer_of_the_earlier_part_lies_in_the_later_one() -> None:
    table = pd.DataFrame({"moment": [n * DAY for n in range(100)]})
    early, late = split(table, QUESTION)
    assert early["moment"].max() + QUESTION.horizon_h * HOUR_MS <= late["moment"].min()


# -- the fit ---------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_every_factor_keeps_its_sign_however_the_data_lie(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.random((300, 4))
    y = (rng.random(300) < 1 / (1 + np.exp(2 - x @ np.array([3.0, -3.0, 3.0, -3.0])))).astype(float)
    model = fit(x, y, ["a", "b", "c", "d"], [1, 1, -1, -1])
    assert (model.coefficients[:2] >= 0).all()
    assert (model.coefficients[2:] <= 0).all()
    more = x + np.array([0.5, 0.5, 0, 0])
    assert (model.probability(more) >= model.probability(x) - 1e-12).all()


def test_a_fit_finds_the_odds_that_the_data_were_drawn_from() -> None:
    rng = np.random.default_rng(1)
    x = (rng.random((60_000, 3)) < 0.3).astype(float)
    y = (rng.random(60_000) < 1 / (1 + np.exp(3 - x @ np.array([1.0, 0.5, -0.7])))).astype(float)
    model = fit(x, y, ["a", "b", "c"], [1, 1, -1])
    assert np.allclose(model.coefficients, [1.0, 0.5, -0.7], atol=0.1)
    assert model.points["a"] == pytest.approx(17.3, abs=2)
    with pytest.raises(ValueError, match="nothing can be learnt"):
        fit(x, np.zeros(len(x)), ["a", "b", "c"], [1, 1, 1])


# -- measures --------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=30))
def test_the_area_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[bool, int]]) -> None:
    y, s = (np.array(v, dtype=float) for v in zip(*rows, strict=True))
    pairs = [(a > b) + 0.5 * (a == b) for a in s[y > 0] for b in s[y <= 0]]
    assert auc(y, s) == pytest.approx(np.mean(pairs)) if pairs else np.isnan(auc(y, s))


def test_measures_agree_with_numbers_worked_out_by_hand() -> None:
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-3)
    rng = np.random.default_rng(2)
    p = rng.random(50_000)
    y = (rng.random(50_000) < p).astype(float)
    assert calibration_error(calibration(y, p)) < 0.01
    assert calibration_error(calibration(y, np.sqrt(p))) > 0.1
    same, moved = rng.normal(size=20_000), rng.normal(1, 1, 20_000)
    assert psi(same, rng.normal(size=20_000)) < 0.01
    assert psi(same, moved) > 0.5
    found = errors("g", np.array([1, 1, 0, 0, 0]), np.array([True, False, True, False, False]))
    assert (found.missed[0], found.false[0]) == (0.5, pytest.approx(1 / 3))


# -- the whole way ---------------------------------------------------------------------------------


@cache
def the_table() -> pd.DataFrame:
    return table_of_careers(Scenario(seed=11), 700, 60, CARD, QUESTION)


def test_the_next_card_is_told_apart_by_its_data_keeps_what_was_not_seen_and_can_be_deployed(tmp_path: Path) -> None:
    card, judged = fitted(the_table(), CARD, QUESTION, date(2026, 11, 23), "fitted on a test")
    assert judged.ceiling is not None
    assert 0.6 < judged.fitted[0] < judged.ceiling
    assert judged.in_force[0] > 0.6
    assert {"minor", "cardiac"} <= set(judged.unseen)
    now = {f.factor: f.weights[-1] for f in card.factors}
    before = {f.factor: f.weights[-1] for f in CARD.factors}
    assert now["cardiac"] == before["cardiac"]
    assert now["self_harm_history"].source == "fitted on a test"
    assert all((now[name].points >= 0) == (before[name].points >= 0) or now[name].points == 0 for name in now)
    yaml_file, report = write(card, judged, CARD, "a test", tmp_path)
    assert load_scorecard(yaml_file) == card
    text = report.read_text(encoding="utf-8")
    for part in ("| sex female |", "| age_band 18_24 |", "Calibration", "Population stability index", "95 %"):
        assert part in text


def test_too_little_to_learn_from_is_said() -> None:
    with pytest.raises(UserError, match="too few"):
        fitted(the_table().head(300), CARD, QUESTION, date(2026, 11, 23), "x")
