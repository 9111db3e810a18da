"""Rules and scorecards of one facility: which versions run, what was changed and when, what cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ingestion.contracts import content_id
from streaming_jobs.catalogue import Catalogue, Deployable, Rule, Scorecard
from streaming_jobs.catalogue.deployed import Chosen, Own, definition_of, fault_of, rules_of, take
from streaming_jobs.features.registry import DOMAIN_OF
from streaming_jobs.features.world import Fault
from streaming_jobs.fold.admit import DETAIL, Refusal
from streaming_jobs.kernel.engine import Engine, slot_of
from streaming_jobs.risk.scored import Cards

SEEN = 256  # ids of changes that are remembered, to know one that comes twice


class FacilityRules:
    """The catalogue's rules and scorecards and the facility's own changes, put to use and reported.

    ``reported`` holds by rule and version what the last row of ``silver.rule_status`` said: mode, detail
    and a digest of the definition.
    """

    def __init__(self, catalogue: Catalogue, scorecards: Iterable[Scorecard], engine: Engine) -> None:
        self.base: dict[str, Deployable] = {one.id: one for one in (*catalogue, *scorecards)}
        self.engine = engine
        self.changed: dict[str, Own] = {}
        self.seen: list[str] = []
        self.number = 0
        self.reported: dict[str, tuple[str, str, str]] = {}
        self.waiting: list[tuple[int, Any]] = []  # changes admitted, with the second from which they hold
        self.faults: dict[str, str] = {}  # domain of features that are missing: what its code said
        self._chosen: list[Chosen] = []
        self._no_effect: dict[str, str] = {}
        self._version = ""
        self.choose()

    def choose(self) -> None:
        """Give the engine the versions that follow from catalogue and changes, and keep the cards by grain."""
        self._chosen, self._no_effect = rules_of(self.base.values(), self.changed)
        rules = tuple(one.rule for one in self._chosen if isinstance(one.rule, Rule))
        cards = [one.rule for one in self._chosen if isinstance(one.rule, Scorecard)]
        self.cards = {g: Cards([card for card in cards if card.grain == g]) for g in ("person", "facility")}
        self._version = Catalogue(rules).version if self.changed else ""
        self.engine.set_rules(rules)

    def admit(self, change: Any, from_second: int) -> Refusal | None:
        """Take a ``rule_change`` event in, to hold from a second on."""
        if change.change in self.seen:
            return Refusal("duplicate", f"change {change.change!r} was posted before")
        deployed = (c.rule for _, c in self.waiting if c.action == "deploy")
        fault = fault_of(change, {*self.base, *self.changed, *deployed})
        if fault is not None:
            return Refusal("contract", f"{fault}; see streaming_jobs/catalogue/model.py"[:DETAIL])
        self.seen = [*self.seen, change.change][-SEEN:]
        self.waiting.append((from_second, change))
        return None

    def due(self, second: int) -> tuple[int, Any] | None:
        """The next change that holds from a second at or before this one."""
        return self.waiting.pop(0) if self.waiting and self.waiting[0][0] <= second else None

    def apply(self, change: Any) -> None:
        """Carry a change out; the caller then makes the engine ready and reports."""
        own = take(self.changed.get(change.rule), change, self.base.get(change.rule))
        if own is None:
            self.changed.pop(change.rule, None)
        else:
            self.changed[change.rule] = own
        for mode in ("active", "shadow"):
            self.engine.forgive(slot_of(change.rule, mode))
        self.choose()

    def note_faults(self, faults: Mapping[str, Fault]) -> bool:
        """Take down which domains of features are missing; whether that differs from before."""
        if not faults and not self.faults:
            return False
        before, self.faults = self.faults, {name: fault.said for name, fault in faults.items()}
        return before != self.faults

    def _blind(self, rule: Rule) -> str:
        """What is missing of the features that a rule names."""
        used = {DOMAIN_OF.get(p.feature) for p in rule.predicates}
        mine = sorted(name for name in self.faults if name in used)
        return "; ".join(f"features {name} are unobservable: {self.faults[name]}" for name in mine)

    def report(self, facility: str, second: int, base_version: str, change: Any = None) -> list[dict[str, Any]]:
        """Rows of ``silver.rule_status`` for what differs from what was reported last.

        Args:
            second: first second for which it holds.
            change: what led to it; its rule is reported even where nothing differs.
        """
        now: dict[str, tuple[str, str, str]] = {}
        found: dict[str, tuple[str, str]] = {}  # definition, change
        for rule, by in self._chosen:
            fault = self.engine.faults.get(slot_of(rule.id, rule.mode))
            mode, detail = ("failed", fault) if fault else (rule.mode, self._no_effect.get(rule.id, ""))
            if self.faults and not fault and isinstance(rule, Rule):
                detail = "; ".join(filter(None, (detail, self._blind(rule))))
            name, definition = f"{rule.id}/{rule.version}", definition_of(rule)
            now[name] = (mode, detail[:DETAIL], content_id(definition)[:12])
            found[name] = (definition, by)
        gone = {name: ("retired", "", "") for name in self.reported if name not in now}
        rows = []
        for name, state in sorted((now | gone).items()):
            rule_id, _, version = name.rpartition("/")
            mine = change is not None and change.rule == rule_id
            if self.reported.get(name) == state and not mine:
                continue
            definition, by = found.get(name, ("", ""))
            rows.append(
                {
                    "facility": facility,
                    "number": self.number,
                    "rule": rule_id,
                    "rule_version": int(version),
                    "mode": state[0],
                    "since": second * 1000,
                    "catalogue": self._version or base_version,
                    "change": change.change if mine else by,
                    "detail": state[1],
                    "definition": definition,
                }
            )
            self.number += 1
        self.reported = now
        return rows
