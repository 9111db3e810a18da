"""The reference of the rules: a page for every domain, and an index, from the rule files and their cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from streaming_jobs.catalogue.cases import load_cases
from streaming_jobs.catalogue.load import RULES_DIR, load_rule
from streaming_jobs.catalogue.model import Predicate, Rule
from streaming_jobs.features.registry import FEATURES

FOLDER = "docs/reference/rules"
NOTICE = "<!-- Generated from streaming_jobs/rules by `safehold rules reference`; change the rules, not this file. -->"
DOMAINS = {
    "interrogation": ("Interrogation and meetings", "讯问与会见"),
    "cell": ("Life in the cell", "监室生活"),
    "staff": ("Staff duty", "民警履职"),
    "gates": ("Gates, perimeter, vehicles, goods", "周界与人车物"),
    "health": ("Health", "健康"),
    "environment": ("Environment", "环境"),
    "devices": ("Devices", "设备"),
}
"""Folders of rules with their titles, in the order of the index."""
GRAINS = {
    "facility": "the facility",
    "zone": "each zone",
    "subject": "each person",
    "pair": "each two people near each other",
}
OPS = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least", "==": "", "!=": "not"}


def pages() -> dict[str, str]:
    """Text of every page by its path below the checkout.

    Raises:
        KeyError: a folder of rules that ``DOMAINS`` does not name.
    """
    found: dict[str, list[tuple[Rule, int]]] = {name: [] for name in DOMAINS}
    for path in sorted(RULES_DIR.rglob("*.yaml")):
        if not path.name.endswith(".cases.yaml"):
            found[path.parent.name].append((load_rule(path), _cases(path)))
    texts = {f"{FOLDER}/{name}.md": "\n".join(_page(name, rules)) for name, rules in found.items()}
    return {f"{FOLDER}/index.md": "\n".join(_index(found)), **texts}


def _cases(path: Path) -> int:
    return len(load_cases(path.with_suffix(".cases.yaml")).cases)


def _index(found: dict[str, list[tuple[Rule, int]]]) -> Iterator[str]:
    yield NOTICE
    yield "# Rules\n"
    yield "Every rule with its conditions, thresholds and sources.\n"
    yield "[How good they are](../rule_quality.md) on a noisy simulated week.\n"
    for name, rules in found.items():
        en, zh = DOMAINS[name]
        yield f"## [{en} {zh}]({name}.md)\n"
        yield "| rule | | | severity | accountable | cases |\n|---|---|---|---|---|---|"
        for rule, cases in rules:
            link = f'<a id="{rule.id}"></a>[{rule.id}]({name}.md#{rule.id})'
            yield f"| {link} | {rule.title.en} | {rule.title.zh} | {rule.severity} | {rule.accountable} | {cases} |"
        yield ""


def _page(name: str, rules: list[tuple[Rule, int]]) -> Iterator[str]:
    en, zh = DOMAINS[name]
    yield NOTICE
    yield f"# {en} {zh}\n"
    yield "[All rules](index.md)\n"
    for rule, cases in rules:
        yield from _section(rule, cases)


def _section(rule: Rule, cases: int) -> Iterator[str]:
    yield f'## <a id="{rule.id}"></a>{rule.id} {rule.title.en} {rule.title.zh}\n'
    yield f"Asked of {GRAINS[rule.grain]}{_hours(rule)}. {_hold(rule)}:\n"
    for text, predicates in (("all of", rule.when), ("one of", rule.any), ("none of", rule.unless)):
        if predicates:
            yield f"- {text}"
            yield from (f"  - {_words(rule, predicate)}" for predicate in predicates)
    yield ""
    yield f"- source: {rule.source}"
    yield f"- severity {rule.severity}; accountable: {rule.accountable}; told: {', '.join(rule.notify)}" + (
        "; about staff, so the accountable post cannot close it" if rule.about_staff else ""
    )
    yield (
        f"- up to {rule.gap:g} s without data{_lapse(rule)} do not break a hold; cleared when they have not held for "
        f"{rule.clear_after:g} s; not raised again for {rule.cooldown:g} s"
    )
    yield f"- {_unobservable(rule)}"
    yield f"- version {rule.version}, {rule.mode}; {cases} cases in `{rule.id}.cases.yaml`"
    yield f"- advice: {rule.advice.en}"
    yield f"- 处置建议：{rule.advice.zh}\n"
    yield from _thresholds(rule)
    yield "| feature | unit | meaning | unknown when |\n|---|---|---|---|"
    for feature in dict.fromkeys(predicate.feature for predicate in rule.predicates):
        one = FEATURES[feature]
        yield f"| `{one.name}` | {one.unit} | {one.doc} | {one.missing_when} |"
    yield ""


def _hold(rule: Rule) -> str:
    if not rule.hold:
        return "Raised as soon as these hold"
    return f"Raised when these have held for {_value(rule, rule.hold)} s"


def _lapse(rule: Rule) -> str:
    return f" and up to {rule.lapse:g} s of the contrary" if rule.lapse else ""


def _hours(rule: Rule) -> str:
    return "".join(f", between {window.from_} and {window.to} local time" for window in rule.schedule)


def _value(rule: Rule, value: float | str) -> str:
    """A number, or a parameter with the value last given."""
    return f"`{value}` ({rule.parameters[value][-1].value:g})" if isinstance(value, str) else f"{value:g}"


def _words(rule: Rule, predicate: Predicate) -> str:
    feature = FEATURES[predicate.feature]
    meaning = feature.doc.rstrip(".")
    if feature.unit == "bool" and predicate.op == "==":
        return f"{meaning} (`{feature.name}`): {'yes' if predicate.value == 1 else 'no'}"
    unit = "" if feature.unit in ("bool", "count") else f" {feature.unit}"
    op = f"{OPS[predicate.op]} ".lstrip()
    return f"{meaning} (`{feature.name}`): {op}{_value(rule, predicate.value)}{unit}"


def _unobservable(rule: Rule) -> str:
    if rule.unobservable_after is None:
        return "while the conditions are unknown nothing is raised, and nothing is recorded"
    return f"recorded as unobservable after {rule.unobservable_after:g} s in which the conditions are unknown"


def _thresholds(rule: Rule) -> Iterator[str]:
    if not rule.parameters:
        return
    yield "| threshold | from | value | unit | other profiles | source |\n|---|---|---|---|---|---|"
    units = {p.value: FEATURES[p.feature].unit for p in rule.predicates} | {rule.hold: "s"}
    for name, values in rule.parameters.items():
        for one in values:
            profiles = ", ".join(f"{profile} {value:g}" for profile, value in one.profiles.items())
            yield f"| `{name}` | {one.from_} | {one.value:g} | {units[name]} | {profiles} | {one.source} |"
    yield ""
