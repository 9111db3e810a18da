"""Rules and rule changes for tests: the catalogue's own, altered."""

from __future__ import annotations

from typing import Any

from ingestion.contracts import RuleChange
from streaming_jobs.catalogue import Catalogue, Rule, definition_of, load_catalogue
from tests.support.scene import FACILITY, T0

CATALOGUE = load_catalogue()


def altered(rule_id: str, **fields: Any) -> Rule:
    """A rule of the catalogue with other values, one version on; checked like any rule."""
    rule = CATALOGUE[rule_id]
    data = rule.model_dump(mode="json", by_alias=True) | {"version": rule.version + 1} | fields
    return Rule.model_validate(data)


def with_parameter(rule_id: str, name: str, value: float, **fields: Any) -> Rule:
    """A rule of the catalogue with another threshold."""
    data = CATALOGUE[rule_id].model_dump(mode="json", by_alias=True)
    dated = [{**one, "value": value, "profiles": {}} for one in data["parameters"][name]]
    return altered(rule_id, parameters=data["parameters"] | {name: dated}, **fields)


def catalogue_with(*rules: Rule, without: tuple[str, ...] = ()) -> Catalogue:
    """The catalogue with rules replaced, added and left out."""
    found = {rule.id: rule for rule in CATALOGUE} | {rule.id: rule for rule in rules}
    return Catalogue(tuple(found[key] for key in sorted(found) if key not in without))


def change(action: str, rule: str | Rule, /, **more: Any) -> RuleChange:
    """A change as an event; each call's id follows from what it says."""
    deployed = isinstance(rule, Rule)
    rule_id = rule.id if isinstance(rule, Rule) else rule
    fields: dict[str, Any] = {
        "facility": FACILITY,
        "event_time": T0,
        "device": "rules-desk",
        "change": f"{action}-{rule_id}-{more.get('mode', '')}",
        "action": action,
        "rule": rule_id,
        "definition": definition_of(rule) if deployed else "",
        "by": "e-1",
        "reason": "a test",
    }
    return RuleChange.model_validate(fields | more)
