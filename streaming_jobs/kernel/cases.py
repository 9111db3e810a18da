"""Running a rule's cases through the kernel: milliseconds, no JVM."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from streaming_jobs.catalogue import Case, Rule, load_cases, load_catalogue, parse_series
from streaming_jobs.catalogue.cases import Expected
from streaming_jobs.features.registry import COLUMNS
from streaming_jobs.kernel.predicates import compile_rules, evaluate
from streaming_jobs.kernel.timers import Timers, advance


def run_case(rule: Rule, case: Case) -> list[Expected]:
    """The alerts that a case gives, in the order in which they were raised.

    Raises:
        KeyError: a series of a feature that the rule's grain does not have.
        ValueError: a series that cannot be read.
    """
    columns = COLUMNS[rule.grain]
    series = {columns[name]: parse_series(text) for name, text in case.series.items()}
    seconds = case.seconds or max(len(values) for values in series.values())
    features = np.full((seconds, len(columns)), np.nan)
    for column, values in series.items():
        features[:, column] = np.concatenate([values, np.full(max(0, seconds - len(values)), values[-1])])[:seconds]
    local = case.start.astimezone(ZoneInfo(case.timezone))
    compiled = compile_rules((rule,), rule.grain, case.profile, local.date())
    timers = Timers.empty(1, 1)
    found: list[Expected] = []
    open_alerts: dict[str, Expected] = {}
    for second in range(seconds):
        at = local + timedelta(seconds=second)
        verdict = evaluate(compiled, features[second : second + 1], at.hour * 60 + at.minute)
        step = advance(compiled, timers, verdict, second)
        for kind, onsets in (("violation", step.raised_onset), ("unobservable", step.blinded_onset)):
            for onset in onsets:
                alert = Expected(verdict=kind, onset=int(onset), raised=second)
                open_alerts[kind] = alert
                found.append(alert)
        for ended in step.cleared_at:
            open_alerts.pop("violation").cleared = int(ended)
        for _ in step.sighted_onset:
            open_alerts.pop("unobservable").cleared = second
    return found


def failures_of(rule: Rule, cases: Path) -> tuple[int, list[str]]:
    """Number of a rule's cases, and a line for each that does not give what it expects."""
    if not cases.is_file():
        return 0, [f"{rule.id}: there is no {cases.name} beside the rule"]
    failures = []
    found = load_cases(cases).cases
    for case in found:
        got = run_case(rule, case)
        if got != case.expect:
            shown = [e.model_dump() for e in got], [e.model_dump() for e in case.expect]
            failures.append(f"{cases}: {case.name}\n  gave     {shown[0]}\n  expected {shown[1]}")
    return len(found), failures


def failing_cases(directory: Path) -> tuple[int, list[str]]:
    """Number of cases below a folder, and a line for each that does not give what it expects."""
    count, failures = 0, []
    for rule in load_catalogue(directory):
        path = next(directory.rglob(f"{rule.id}.cases.yaml"), directory / f"{rule.id}.cases.yaml")
        number, failed = failures_of(rule, path)
        count += number
        failures += failed
    return count, failures
