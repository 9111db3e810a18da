"""The scorecard: additive, fading, dated, with levels that do not flap, and honest about what is not known."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.settings import UserError
from streaming_jobs.catalogue import CARDS_DIR, Scorecard, load_catalogue, load_scorecard, load_scorecards
from streaming_jobs.risk.record import DAY_S, Happening, Level, Record
from streaming_jobs.risk.score import Score, Weights, level_of, score
from streaming_jobs.risk.words import changed_words

CARD = load_scorecard()
HOUR = 3600
T = 1_772_424_000
ON = date(2026, 3, 2)
LOW = {"case_class": "other", "first_custody": False, "health_flags": [], "assessment": "low"}


def record(*happenings: Happening, begun: int = T - 30 * DAY_S, **facts: Any) -> Record:
    found = Record(happenings=list(happenings))
    for name, value in {**LOW, **facts}.items():
        found.know(name, begun, value)
    found.know("days_in_custody", begun, begun)
    return found


def judge(what: Record, at: int = T, card: Scorecard = CARD, on: date = ON) -> Score:
    return score(Weights(card, on), what, at)


def points(result: Score) -> dict[str, float]:
    return {c.factor: c.points for c in result.contributions}


def changed(**fields: Any) -> Scorecard:
    return Scorecard.model_validate({**CARD.model_dump(by_alias=True), **fields})


def test_points_are_the_sum_of_the_contributions_shown() -> None:
    facts: dict[str, Any] = {"case_class": "violent", "first_custody": True, "health_flags": ["cardiac"]}
    result = judge(record(Happening("alert.cel-01", T), **facts))
    assert points(result) == {"case_violent": 12, "first_custody": 8, "cardiac": 10, "fighting": 30}
    assert result.points == 60
    assert all(c.text.zh and c.text.en for c in result.contributions)


def test_what_is_not_known_gives_the_points_of_its_rule_and_is_named_and_never_guessed() -> None:
    blank = Record()
    blank.know("case_class", T, "unknown")
    blank.know("first_custody", T, None)
    result = judge(blank)
    assert points(result) == {"unknown_assessment": 4, "unknown_days_in_custody": 2}
    assert {"case_class", "first_custody", "age_band", "assessment"} <= set(result.unknown)


def test_an_assessment_is_unknown_again_when_it_is_older_than_the_card_allows_until_it_is_renewed() -> None:
    old = record()
    old.renew("assessment", T - 89 * DAY_S, "high")
    assert points(judge(old))["assessed_high"] == 28
    assert points(judge(old, T + 2 * DAY_S)) == {"unknown_assessment": 4}
    old.renew("assessment", T + 2 * DAY_S, "high")
    assert points(judge(old, T + 3 * DAY_S))["assessed_high"] == 28


def test_a_fight_counts_half_after_its_half_life_and_nothing_after_ten() -> None:
    factor = next(f for f in CARD.factors if f.factor == "fighting")
    assert factor.half_life_h is not None
    half_life_s = int(factor.half_life_h * HOUR)
    fight = record(Happening("alert.cel-01", T))
    assert points(judge(fight, T + half_life_s))["fighting"] == 15
    assert "fighting" not in points(judge(fight, T + 10 * half_life_s + 1))


def test_many_of_one_kind_count_the_most_of_their_factor_and_say_how_many() -> None:
    result = judge(record(*(Happening("alert.cel-02", T - n) for n in range(9))))
    (running,) = [c for c in result.contributions if c.factor == "running"]
    assert (running.points, running.count, running.since_s) == (12, 9, T - 8)


def test_what_protects_lowers_the_score_but_never_below_zero_and_that_is_shown() -> None:
    calm = record(Happening("visit.family", T))
    assert points(judge(calm)) == {"family_visit": -6, "floor": 6}
    assert judge(calm).points == 0
    assert judge(record(Happening("visit.family", T), case_class="violent")).points == 6


def test_the_phases_of_custody_follow_each_other() -> None:
    phases = {
        days: [f for f in points(judge(record(begun=T - int(days * DAY_S)))) if f.startswith(("first_", "long_"))]
        for days in (0.5, 2, 30, 200)
    }
    assert phases == {0.5: ["first_day"], 2: ["first_week"], 30: [], 200: ["long_stay"]}


def test_a_weight_is_in_force_from_its_date_on() -> None:
    weights = [
        {"from": "2026-01-01", "points": 12, "source": "first"},
        {"from": "2026-03-03", "points": 20, "source": "second"},
    ]
    factors = [{**f, "weights": weights} if f["factor"] == "case_violent" else f for f in _factors()]
    card, violent = changed(factors=factors), record(case_class="violent")
    assert judge(violent, card=card).points == 12
    assert judge(violent, card=card, on=date(2026, 3, 3)).points == 20
    assert judge(violent, card=card, on=date(2025, 12, 31)).points == 0


def _factors() -> list[dict[str, Any]]:
    return [f.model_dump(by_alias=True, exclude_none=True) for f in CARD.factors]


# -- levels ----------------------------------------------------------------------------------------


def levels(series: list[float]) -> list[Level]:
    found: list[Level] = ["low"]
    for sum_ in series:
        found.append(level_of(CARD, sum_, found[-1]))
    return found


def moves(found: list[Level]) -> int:
    return sum(a != b for a, b in itertools.pairwise(found))


NOISE = st.lists(st.floats(-1, 1), min_size=2, max_size=60)


@given(NOISE, st.sampled_from(["elevated", "high"]), st.floats(0, 1))
def test_a_level_does_not_flap_under_noise_around_a_threshold(noise: list[float], name: str, place: float) -> None:
    """Noise narrower than the gap between the two cuts moves a level once at most, wherever it lies."""
    cut = CARD.elevated if name == "elevated" else CARD.high
    width = cut.up - cut.down
    centre = cut.down + place * 2 * width - width / 2
    start: Level = "low" if name == "elevated" else "elevated"
    found = [start]
    for n in noise:
        found.append(level_of(CARD, centre + n * width * 0.499, found[-1]))
    assert moves(found) <= 1


@given(st.lists(st.floats(0, 100), max_size=60))
def test_a_level_moves_only_when_the_points_have_crossed_a_whole_gap(series: list[float]) -> None:
    """Between two changes of one level's border the points have gone from its one cut to its other."""
    found = levels(series)
    for level, cut in (("elevated", CARD.elevated), ("high", CARD.high)):
        order = ["low", "elevated", "high"]
        inside = [order.index(one) >= order.index(level) for one in found]
        for n, (before, after) in enumerate(itertools.pairwise(inside)):
            if before != after:
                assert series[n] >= cut.up if after else series[n] < cut.down


# -- words -----------------------------------------------------------------------------------------


def test_what_changed_since_yesterday_is_said_in_both_languages_from_the_contributions_alone() -> None:
    who = record(Happening("alert.cel-06", T - DAY_S - HOUR), Happening("alert.cel-01", T - HOUR), case_class="violent")
    zh, en = changed_words(judge(who, T - DAY_S).contributions, judge(who).contributions)
    assert zh == "较24小时前高24.8分：新增「打斗」+29.9；随时间减弱「倒地」−5.1"
    assert en == "24.8 points more than 24 hours ago: new: Fighting +29.9; fading: Person down −5.1"


def test_nothing_new_no_score_yet_and_something_gone_are_said_too() -> None:
    same = judge(record(case_class="violent")).contributions
    assert changed_words(same, same) == ("与24小时前相同", "the same as 24 hours ago")
    assert changed_words(None, same) == ("24小时前尚无评分", "no score 24 hours ago")
    assert changed_words(same, ()) == (
        "较24小时前低12分：不再计入「暴力类案件」−12",
        "12 points less than 24 hours ago: no longer: Case of violence −12",
    )


def test_a_correction_strikes_a_happening_from_now_on_and_yesterday_s_score_stays_what_it_was() -> None:
    who = record(Happening("alert.cel-01", T - DAY_S))
    was = judge(who, T - HOUR)
    assert who.strike(lambda h: h.input == "alert.cel-01", T)
    assert judge(who).points == 0
    assert judge(who, T - HOUR) == was


# -- the closed list of inputs ---------------------------------------------------------------------


def card_with(tmp_path: Path, before: str, after: str) -> Path:
    path = tmp_path / "person-risk.yaml"
    text = (CARDS_DIR / "person-risk.yaml").read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["ethnicity", "religion", "face.match", "free_text", "person.nationality", "gait"])
def test_a_scorecard_that_names_a_forbidden_input_is_refused_with_file_line_and_the_reason(
    tmp_path: Path, name: str
) -> None:
    path = card_with(tmp_path, "input: case_class, is: violent", f"input: {name}, is: x")
    with pytest.raises(UserError, match="forbidden: no score may use biometrics, ethnicity, religion") as error:
        load_scorecard(path)
    line = (
        path.read_text(encoding="utf-8")
        .splitlines()
        .index(next(row for row in path.read_text(encoding="utf-8").splitlines() if f"input: {name}" in row))
    )
    assert f"person-risk.yaml:{line + 1}" in str(error.value)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("input: case_class, is: violent", "input: hair, is: x", "no input 'hair'; use alert.<rule> or one of"),
        ("input: case_class, is: violent", "input: case_class, is: murder", "'case_class' is never 'murder'"),
        ("input: fever, half_life_h: 48", "input: fever, is: x", "`is` belongs to a fact"),
        ("input: minor, is: true", "input: load, at_least: 1", "input 'load' is not of a person"),
        ("elevated: {up: 28, down: 22}", "elevated: {up: 28, down: 28}", "0 < down < up"),
        ("factor: case_drug", "factor: case_violent", "two factors have the same name"),
        ("valid_h: 24", "valid_h: 0", "valid_h"),
        ("valid_h: 24", "valid_h: 24\nremark: x", "remark"),
    ],
)
def test_a_card_that_makes_no_sense_is_refused_with_the_field(
    tmp_path: Path, before: str, after: str, says: str
) -> None:
    with pytest.raises(UserError) as error:
        load_scorecard(card_with(tmp_path, before, after))
    assert says in str(error.value)


def test_every_alert_of_a_card_is_a_rule_of_the_catalogue_and_every_weight_has_a_source() -> None:
    rules = {rule.id for rule in load_catalogue()}
    for card in load_scorecards():
        named = {f.input.removeprefix("alert.") for f in card.factors if f.input.startswith("alert.")}
        assert named <= rules
        assert all(weight.source for factor in card.factors for weight in factor.weights)
