"""A slice of the noisy week of `make bench-rule_quality`: how the rules bear bad observation."""

from __future__ import annotations

import pytest

from ingestion.sources.simulator import Noise
from streaming_jobs.catalogue import load_catalogue
from tests.bench.rule_quality import ANSWERS, page
from tests.support.quality import Quality, quality_of, week, with_noise

NOISE = Noise.typical()
SPANS = week(400, 1, 0, day=False)


@pytest.fixture(scope="module")
def clean() -> Quality:
    return quality_of(SPANS[0])


@pytest.fixture(scope="module")
def noisy() -> Quality:
    return quality_of(with_noise(SPANS, NOISE)[0])


def test_observed_cleanly_every_incident_is_found_and_nothing_else_is_raised(clean: Quality) -> None:
    assert sum(score.incidents for score in clean.scores.values()) > 60
    assert [s for s in clean.scores.values() if s.found < s.incidents] == []
    assert [s for s in clean.scores.values() if s.wrong and s.rule != ANSWERS] == []


def test_noise_leaves_nearly_all_incidents_found_and_few_false_alarms(noisy: Quality) -> None:
    scores = [score for rule, score in noisy.scores.items() if rule != ANSWERS]
    assert sum(s.found for s in scores) >= 0.95 * sum(s.incidents for s in scores)
    assert sum(s.wrong for s in scores) <= 0.05 * sum(s.alerts for s in scores)


def test_the_page_has_a_row_for_every_rule_with_both_observations(clean: Quality, noisy: Quality) -> None:
    text = page(noisy, clean, SPANS, NOISE, "python -m tests.bench.rule_quality")
    rows = [line for line in text.splitlines() if line.startswith("| [")]
    assert len(rows) == len(load_catalogue().rules)
    assert next(line for line in rows if "[cel-01]" in line).count("100 %") >= 2
