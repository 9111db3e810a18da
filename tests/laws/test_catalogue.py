"""Laws over rules, features and the simulator's incidents as they fit together."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from infra.settings import stale_files
from infra.settings.model import ROOT
from ingestion.contracts import PersonContext
from ingestion.contracts.base import FORBIDDEN
from ingestion.sources.simulator.incidents import KINDS
from streaming_jobs.catalogue import Rule, load_catalogue
from streaming_jobs.catalogue.reference import FOLDER, pages
from streaming_jobs.features import domains
from streaming_jobs.features.perceive import FACTS
from streaming_jobs.features.registry import FEATURES

RULES = load_catalogue().rules
UNITS = {
    "bool", "count", "s", "min", "h", "d", "m", "m/s", "persons", "events", "pieces", "doors", "Cel", "ppm",
    "beats/min", "%", "ratio",
}  # fmt: skip
ATTRIBUTES = {
    "sex", "minor", "age_band", "education", "case_class", "first_custody", "health_flags", "custody_level",
    "admitted_at", "heart_rate_min", "heart_rate_max", "spo2_min",
}  # fmt: skip
"""All that the platform may know of a person beside role, place and presence. Adding one is a decision about rights."""
NOT_STAGED = {
    "cel-16": "more than fifteen days alone",
    "env-01b": "bad air for eight hours",
    "int-10b": "the desk of visits says it, which the simulator has not",
    "stf-12": "nobody answers in the simulation, so every alert there gives one",
    "hlt-04c": "sixteen hours in quarantine without a temperature",
    "cel-18": "follows from the day's diaries, not from an incident",
}


@pytest.mark.parametrize("name", sorted(FEATURES))
def test_every_feature_says_its_unit_its_meaning_and_when_it_is_missing(name: str) -> None:
    feature = FEATURES[name]
    assert feature.unit in UNITS, feature.unit
    assert feature.doc.endswith(".")
    assert feature.missing_when


def test_every_feature_is_read_by_a_rule_or_kept_for_a_stated_reason() -> None:
    read = {predicate.feature for rule in RULES for predicate in rule.predicates}
    # Shown to engineers; counted in the register custody_day.
    assert set(FEATURES) - read <= {"facility.people", "subject.solitary_day"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_threshold_has_a_source_since_no_number_stands_in_a_condition_itself(rule: Rule) -> None:
    for values in rule.parameters.values():
        assert all(len(value.source.strip()) > 3 for value in values)
    # 0 and 1 ask yes or no, or for anybody at all; "both" of two detainees or doors is what the rule is about.
    both = {("pair.detainees", 2), ("zone.interlocked_doors_open", 2)}
    literals = {(p.feature, p.value) for p in rule.predicates if not isinstance(p.value, str)}
    assert all(value in (0, 1) for _, value in literals - both)
    assert isinstance(rule.hold, str) or rule.hold == 0


def test_what_rules_may_know_of_a_person_is_a_closed_list_without_a_forbidden_attribute() -> None:
    own = {"type", "subject", "stay", "role", "present", "block", "cell", "facility", "event_time", "device"}
    assert set(PersonContext.model_fields) - own == ATTRIBUTES
    assert set(FACTS) <= ATTRIBUTES
    assert not [name for name in (*ATTRIBUTES, *(f.split(".")[1] for f in FEATURES)) if FORBIDDEN.search(name)]


@pytest.mark.parametrize("path", sorted(Path(domains.__path__[0]).glob("*.py")), ids=lambda path: path.stem)
def test_a_domain_reads_of_an_event_only_what_a_contract_declares(path: Path) -> None:
    """Contracts refuse forbidden attributes when they are defined; here, that no domain goes round them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"open", "exec", "eval", "__import__", "vars", "asdict"}
    facts = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == "facts"
        and isinstance(node.args[0], ast.Constant)
    }
    assert facts <= set(FACTS)
    read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not [name for name in read if FORBIDDEN.search(name)]


def test_every_rule_has_a_staged_incident_or_a_stated_reason_and_every_incident_names_a_rule() -> None:
    # Whoever is a seventh in a cell is also one too many against its roster.
    staged = {kind.rule for kind in KINDS.values()} | {"cel-11"}
    known = {rule.id for rule in RULES}
    assert staged <= known
    assert staged | set(NOT_STAGED) == known
    assert not staged & set(NOT_STAGED)


def test_the_reference_pages_are_current() -> None:
    assert stale_files(ROOT, pages(), FOLDER) == [], "run `safehold rules reference`"


def test_the_quality_page_has_a_row_for_every_rule_and_says_how_it_was_made() -> None:
    page = (ROOT / "docs/reference/rule_quality.md").read_text(encoding="utf-8")
    assert page.startswith("<!-- Generated by `python -m tests.bench.rule_quality")
    assert [rule.id for rule in RULES if f"| [{rule.id}](" not in page] == []
