"""The rule catalogue: loads, checks and dates the rules. One of the three doors for other packages."""

from streaming_jobs.catalogue.cases import Case, CaseFile, load_cases, parse_series
from streaming_jobs.catalogue.deployed import definition_of, read_definition
from streaming_jobs.catalogue.load import RULES_DIR, Catalogue, RuleError, load_catalogue, load_rule
from streaming_jobs.catalogue.model import Rule

__all__ = [
    "RULES_DIR",
    "Case",
    "CaseFile",
    "Catalogue",
    "Rule",
    "RuleError",
    "definition_of",
    "load_cases",
    "load_catalogue",
    "load_rule",
    "parse_series",
    "read_definition",
]
