"""A facility's own rules and scorecards: the catalogue's, with the changes posted into the facility's stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from pydantic import ValidationError

from streaming_jobs.catalogue.model import Rule
from streaming_jobs.catalogue.scorecard import Scorecard

Deployable = Rule | Scorecard
"""What is deployed, run in shadow and activated: both have an id, a version and a mode."""


class Own(msgspec.Struct):
    """What a facility has changed about one rule. Definitions are JSON, empty for none.

    ``version`` is the version of the rule that ``mode`` speaks of; ``mode`` is empty where the rule's
    own holds. ``trial`` runs in shadow beside the version in force.
    """

    version: int = 0
    mode: str = ""
    definition: str = ""
    trial: str = ""
    change: str = ""  # id of the last change


class Chosen(NamedTuple):
    """A version of a rule or scorecard at a facility, in the mode in which it is to run there."""

    rule: Deployable
    change: str


def definition_of(rule: Deployable) -> str:
    """The rule or scorecard as JSON: equal ones give equal text."""
    return rule.model_dump_json(by_alias=True)


def read_definition(text: str) -> Deployable:
    """The rule or scorecard in a JSON text; only a scorecard has factors.

    Raises:
        ValueError: with the field that is wrong.
    """
    try:
        model: type[Deployable] = Scorecard if '"factors"' in text else Rule
        return model.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in ("definition", *first["loc"]))
        raise ValueError(f"{field}: {first['msg'].removeprefix('Value error, ')}") from error


def fault_of(change: Any, known: Iterable[str]) -> str | None:
    """Why a ``rule_change`` event cannot be carried out, naming the field; None if it can.

    Args:
        known: ids of the rules that there are.
    """
    if change.action == "deploy":
        try:
            rule = read_definition(change.definition)
        except ValueError as error:
            return str(error)
        return (
            None if rule.id == change.rule else f"definition.id: is {rule.id!r}, but the change is of {change.rule!r}"
        )
    if change.definition:
        return "definition: only a rule that is deployed has one"
    return None if change.rule in known else f"rule: there is no rule {change.rule!r} here"


def take(own: Own | None, change: Any, base: Deployable | None) -> Own | None:
    """What the facility has changed about a rule after one more change; None for nothing.

    A rule deployed in shadow runs beside the version in force and takes its place by ``activate``.
    """
    if change.action == "withdraw":
        return None
    own = own or Own()
    current, _ = _in_force(own, base)
    version = current.version if current is not None else 0
    if change.action == "deploy":
        deployed = read_definition(change.definition)
        if change.mode == "active":
            return Own(deployed.version, "active", change.definition, "", change.change)
        return msgspec.structs.replace(own, trial=change.definition, change=change.change)
    if change.action == "disable" or not own.trial:
        return Own(version, _MODES[change.action], own.definition, "", change.change)
    # What is switched is the newest version: the trial.
    return Own(read_definition(own.trial).version, _MODES[change.action], own.trial, "", change.change)


_MODES = {"disable": "disabled", "shadow": "shadow", "activate": "active"}


def _in_force(own: Own, base: Deployable | None) -> tuple[Deployable | None, str]:
    """The version in force, in its mode, and why the facility's own one is not it (or nothing).

    A later version in the catalogue takes the place of the facility's own; only a disabling stays.
    """
    fault = ""
    rule: Deployable | None = None
    if own.definition:
        try:
            rule = read_definition(own.definition)
        except ValueError as error:
            fault = f"the facility's own version cannot be read any more: {error}"
    if base is not None and (rule is None or rule.version < base.version):
        if rule is not None:
            fault = f"version {rule.version} is lower than the catalogue's {base.version}"
        rule = base
    if rule is not None and own.mode and (own.mode == "disabled" or own.version >= rule.version):
        rule = rule.model_copy(update={"mode": own.mode})
    return rule, fault


def rules_of(base: Iterable[Deployable], changed: Mapping[str, Own]) -> tuple[list[Chosen], dict[str, str]]:
    """The versions that a facility runs, ordered by id, and by rule id what of its changes has no effect.

    At most two versions of a rule: one in force, and a later one in shadow beside it.
    """
    rules = {rule.id: rule for rule in base}
    chosen: list[Chosen] = []
    faults: dict[str, str] = {}
    for rule_id in sorted({*rules, *changed}):
        own = changed.get(rule_id)
        if own is None:
            chosen.append(Chosen(rules[rule_id], ""))
            continue
        current, fault = _in_force(own, rules.get(rule_id))
        trial: Deployable | None = None
        if own.trial:
            try:
                trial = read_definition(own.trial).model_copy(update={"mode": "shadow"})
            except ValueError as error:
                fault = f"the version in shadow cannot be read any more: {error}"
        if trial is not None and current is not None and trial.version <= current.version:
            fault = f"version {trial.version} is not higher than the {current.version} in force"
            trial = None
        if fault:
            faults[rule_id] = fault
        # Two versions in shadow would record everything twice: the later one stands alone.
        if current is not None and not (trial is not None and current.mode == "shadow"):
            chosen.append(Chosen(current, own.change if own.definition or own.mode else ""))
        if trial is not None:
            chosen.append(Chosen(trial, own.change))
    return chosen, faults
