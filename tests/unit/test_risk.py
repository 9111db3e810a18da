"""The scorecard: additive, decaying, with hysteresis, and honest about what is not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.settings import UserError
from streaming_jobs.catalogue import load_catalogue
from streaming_jobs.risk import Happening, load_scorecard, score

CARD = load_scorecard()
HOUR = 3600
T = 1_772_424_000


def test_points_are_the_sum_of_the_contributions_shown() -> None:
    facts = {"case_class": "violent", "first_custody": True, "health_flags": ["cardiac"]}
    result = score(CARD, facts, [Happening("cel-01", T)], T, "low")
    assert {c["factor"]: c["points"] for c in result.contributions} == {
        "case_violent": 12.0,
        "first_custody": 8.0,
        "cardiac": 10.0,
        "cel-01": 30.0,
    }
    assert result.points == 60.0
    assert result.level == "high"
    assert all(c["zh"] and c["en"] for c in result.contributions)


def test_what_is_not_known_gives_no_points() -> None:
    facts = {"case_class": "unknown", "first_custody": None, "health_flags": [], "age_band": "unknown", "minor": False}
    assert score(CARD, facts, [], T, "low").points == 0.0


def test_a_fight_counts_half_after_its_half_life() -> None:
    half_life_s = int(next(f.half_life_h for f in CARD.dynamic if f.rule == "cel-01") * HOUR)
    fight = [Happening("cel-01", T)]
    assert score(CARD, {}, fight, T + half_life_s, "low").points == 15.0
    assert score(CARD, {}, fight, T + 20 * half_life_s, "low").contributions == []


def test_a_level_is_entered_at_its_upper_and_left_below_its_lower_cut() -> None:
    two = {"first_custody": True, "health_flags": ["mental_health", "chronic"]}  # 27 points
    assert CARD.elevated.down < 27 < CARD.elevated.up
    assert score(CARD, two, [], T, "low").level == "low"
    assert score(CARD, two, [], T, "elevated").level == "elevated"


def test_every_dynamic_factor_is_a_rule_of_the_catalogue() -> None:
    assert {f.rule for f in CARD.dynamic} <= {rule.id for rule in load_catalogue()}


def test_a_forbidden_or_misspelt_fact_is_refused_with_file_and_field(tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    text = Path(load_scorecard.__defaults__[0]).read_text(encoding="utf-8")  # type: ignore[index]
    path.write_text(text.replace("fact: case_class, equals: violent", "fact: ethnicity, equals: x"), encoding="utf-8")
    with pytest.raises(UserError, match=r"static\.0\.fact"):
        load_scorecard(path)
