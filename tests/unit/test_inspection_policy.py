"""A unit's own policy of inspections: read where there is one, and its faults named with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from batch_jobs.inspection import load_policy
from batch_jobs.inspection.policy import DEFAULT
from infra.settings import UserError


def test_without_an_own_file_the_platform_s_policy_holds(tmp_path: Path) -> None:
    found = load_policy(tmp_path / "inspection.yaml")
    assert (found.cycle_weeks["video"], found.required_minutes["video"], found.days_to_mend["major"]) == (4, 240, 45)


@pytest.mark.parametrize(
    ("line", "instead", "field"),
    [
        ("random_share: 0.3", "random_share: 1.3", "random_share"),
        ("cycle_weeks: {video: 4", "cycle_weeks: {video: 0", "cycle_weeks"),
        ("days_to_mend: {minor: 15, serious: 30, major: 45}", "days_to_mend: {minor: 15}", "days_to_mend"),
        ("listed: [major]", "listed: [huge]", "listed"),
        ("log_gap_hours: 4", "log_gap_hours: 4\nnew_thing: 1", "new_thing"),
    ],
)
def test_a_faulty_file_is_refused_with_its_field_and_line(tmp_path: Path, line: str, instead: str, field: str) -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    assert line in text
    path = tmp_path / "inspection.yaml"
    path.write_text(text.replace(line, instead), encoding="utf-8")
    with pytest.raises(UserError, match=field) as caught:
        load_policy(path)
    assert f"{path}:" in str(caught.value)
