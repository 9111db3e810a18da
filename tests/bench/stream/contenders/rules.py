"""The rule set that a contender runs; how many rules is told by the environment."""

from __future__ import annotations

import os
from datetime import date

from tests.bench.stream.common import common_rules
from tests.bench.stream.ruleset import RuleSet

COUNT = "SAFEHOLD_BENCH_RULES"
DAY = date(2026, 11, 23)


def the_rules() -> RuleSet:
    return RuleSet(common_rules(int(os.environ[COUNT])), DAY)
