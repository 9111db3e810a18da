"""Alternatives of a rule: one of ``any`` is enough, in three-valued logic."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from ingestion.contracts import EnvironmentReading
from streaming_jobs.catalogue import RULES_DIR, RuleError, load_catalogue, load_rule
from streaming_jobs.catalogue.words import in_words
from streaming_jobs.features.registry import COLUMNS
from streaming_jobs.kernel.predicates import FALSE, TRUE, UNKNOWN, compile_rules, evaluate
from tests.support.wing import Told, event

FIRE = load_rule(RULES_DIR / "environment" / "env-01.yaml")
NAN = float("nan")


@pytest.mark.parametrize(
    ("alarm", "heat", "co2", "verdict"),
    [
        (0, 20, 700, FALSE),
        (1, 20, 700, TRUE),
        (0, 60, 700, TRUE),
        (1, NAN, NAN, TRUE),
        (0, NAN, 700, UNKNOWN),
        (NAN, NAN, NAN, UNKNOWN),
    ],
)
def test_one_true_alternative_is_enough_and_all_must_be_known_to_be_false(
    alarm: float, heat: float, co2: float, verdict: int
) -> None:
    # Beside a rule of one clause a predicate, so that the clauses of both must be told apart.
    rules = (load_rule(RULES_DIR / "staff" / "stf-03.yaml"), FIRE)
    compiled = compile_rules(rules, "zone", "default", date(2026, 1, 1))
    features = np.full((1, len(COLUMNS["zone"])), NAN)
    for name, value in (("hazard_alarm", alarm), ("temperature", heat), ("co2", co2), ("control_room", 0)):
        features[0, COLUMNS["zone"][f"zone.{name}"]] = value
    assert list(evaluate(compiled, features, 0)[0]) == [FALSE, verdict]


def test_an_alert_s_explanation_marks_the_alternatives() -> None:
    told = Told([event(EnvironmentReading, 5, "s", zone="A1", alarm="smoke")], 20)
    alert = next(a for a in told.out.alert if a["rule"] == "env-01")
    conditions = json.loads(alert["explanation"])["conditions"]
    assert [(c["feature"], c["any"], c["value"]) for c in conditions] == [
        ("zone.hazard_alarm", True, 1.0),
        ("zone.temperature", True, None),
        ("zone.co2", True, None),
    ]


def test_a_rule_in_words_says_either_and_or() -> None:
    lines = in_words(FIRE).splitlines()
    assert [line.split()[0] for line in lines if "zone." in line] == ["either", "or", "or"]


def test_a_rule_without_any_condition_is_refused(tmp_path: Path) -> None:
    text = (RULES_DIR / "staff" / "stf-01.yaml").read_text(encoding="utf-8")
    bare = "\n".join(line for line in text.splitlines() if "patrol_overdue" not in line and line != "when:")
    path = tmp_path / "stf-01.yaml"
    path.write_text(bare, encoding="utf-8")
    with pytest.raises(RuleError, match="needs a condition under `when` or `any`"):
        load_rule(path)


def test_alternatives_that_need_another_severity_or_grain_are_a_rule_of_their_own_with_a_letter() -> None:
    lettered = {rule.id for rule in load_catalogue() if len(rule.id) > 6}
    assert lettered >= {"env-01b", "env-02b", "hlt-04b"}
    assert {rule_id[:6] for rule_id in lettered} <= {rule.id for rule in load_catalogue()}
