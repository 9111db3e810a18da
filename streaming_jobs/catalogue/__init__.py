"""The catalogue: loads, checks and dates rules, scorecards and the custody code. One of the three doors."""

from streaming_jobs.catalogue.cases import Case, CaseFile, load_cases, parse_series
from streaming_jobs.catalogue.custody_code import CodeRules, load_code_rules
from streaming_jobs.catalogue.deployed import Deployable, definition_of, read_definition
from streaming_jobs.catalogue.load import RULES_DIR, Catalogue, RuleError, load_catalogue, load_rule
from streaming_jobs.catalogue.model import Rule
from streaming_jobs.catalogue.scorecard import CARDS_DIR, Scorecard, load_scorecard, load_scorecards

__all__ = [
    "CARDS_DIR",
    "RULES_DIR",
    "Case",
    "CaseFile",
    "Catalogue",
    "CodeRules",
    "Deployable",
    "Rule",
    "RuleError",
    "Scorecard",
    "definition_of",
    "load_cases",
    "load_catalogue",
    "load_code_rules",
    "load_rule",
    "load_scorecard",
    "load_scorecards",
    "parse_series",
    "read_definition",
]
