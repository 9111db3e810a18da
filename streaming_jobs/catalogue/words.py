"""A rule in words, for people who do not read YAML."""

from __future__ import annotations

from streaming_jobs.catalogue.model import Predicate, Rule
from streaming_jobs.features.registry import FEATURES


def _condition(rule: Rule, predicate: Predicate) -> str:
    feature = FEATURES[predicate.feature]
    return f"{feature.name} {predicate.op} {predicate.value} [{feature.unit}]  ({feature.doc})"


def in_words(rule: Rule) -> str:
    """Several lines of text: title, conditions, times, thresholds with dates and sources, duties."""
    lines = [f"{rule.id} v{rule.version}  {rule.title.en}  {rule.title.zh}", f"source: {rule.source}", "raised when:"]
    lines += [f"  {_condition(rule, p)}" for p in rule.when]
    lines += [f"  {'either' if n == 0 else 'or'} {_condition(rule, p)}" for n, p in enumerate(rule.any)]
    lines += [f"  not {_condition(rule, p)}" for p in rule.unless]
    lines.append(f"  for {rule.hold} s; up to {rule.gap:g} s without data do not break it")
    if rule.lapse:
        lines.append(f"  nor do up to {rule.lapse:g} s in which it is otherwise")
    lines += [f"  between {w.from_} and {w.to} local time" for w in rule.schedule]
    if rule.unobservable_after is not None:
        lines.append(f"unobservable after {rule.unobservable_after:g} s without knowing")
    for name, values in rule.parameters.items():
        for value in values:
            profiles = "".join(f"; profile {p}: {v:g}" for p, v in value.profiles.items())
            lines.append(f"{name} = {value.value:g} from {value.from_} ({value.source}{profiles})")
    lines.append(f"severity {rule.severity}; accountable: {rule.accountable}; told: {', '.join(rule.notify)}")
    lines += [rule.advice.en, rule.advice.zh]
    return "\n".join(lines)
