"""Laws over the whole catalogue: every rule has cases, and every case holds."""

from pathlib import Path

import pytest

from streaming_jobs.catalogue import RULES_DIR, load_cases, load_catalogue, load_rule
from streaming_jobs.kernel.cases import run_case

RULES = sorted(p for p in RULES_DIR.rglob("*.yaml") if not p.name.endswith(".cases.yaml"))
CASES = [(p, i) for p in RULES for i in range(len(load_cases(p.with_suffix(".cases.yaml")).cases))]


def test_every_case_file_belongs_to_a_rule() -> None:
    cases = {p.name.removesuffix(".cases.yaml") for p in RULES_DIR.rglob("*.cases.yaml")}
    assert cases == {p.stem for p in RULES}


@pytest.mark.parametrize("path", RULES, ids=lambda p: p.stem)
def test_every_rule_has_a_case_that_fires_one_that_does_not_and_one_with_missing_data(path: Path) -> None:
    file = load_cases(path.with_suffix(".cases.yaml"))
    assert file.rule == path.stem
    assert any(e.verdict == "violation" for c in file.cases for e in c.expect)
    assert any(not c.expect and "_" not in "".join(c.series.values()) for c in file.cases)
    assert any("_" in text for c in file.cases for text in c.series.values())


@pytest.mark.parametrize(("path", "index"), CASES, ids=lambda v: v.stem if isinstance(v, Path) else str(v))
def test_the_rule_gives_exactly_the_alerts_its_case_expects(path: Path, index: int) -> None:
    case = load_cases(path.with_suffix(".cases.yaml")).cases[index]
    assert run_case(load_rule(path), case) == case.expect, case.name


def test_the_catalogue_loads_and_its_version_follows_its_content() -> None:
    catalogue = load_catalogue()
    assert catalogue.version == load_catalogue().version
    assert len({rule.title.zh for rule in catalogue}) == len(catalogue.rules)
