"""What was posted about a stay: entries, the answers to them, appeals, decisions; each with when it became known."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from streaming_jobs.catalogue.custody_code import CodeRules

DAY_S = 86_400


class Answer(NamedTuple):
    """To a proposed entry: confirm or reject."""

    known_s: int
    action: str
    by: str


class Appeal(NamedTuple):
    """A step of an appeal: file, uphold, reject or withdraw."""

    known_s: int
    appeal: str
    action: str
    ground: str
    by: str


class Entry(msgspec.Struct, array_like=True):
    """A merit or demerit. ``by`` is empty where the platform proposed it; times in s."""

    entry: str
    rule: str
    happened_s: int
    known_s: int
    origin: str
    reference: str
    by: str
    answers: list[Answer] = []
    appeals: list[Appeal] = []

    def is_reversed(self, known_s: int) -> bool:
        """Whether the last appeal that was decided, as known at a second, was upheld."""
        decided = [a.action for a in self.appeals if a.known_s <= known_s and a.action in ("uphold", "reject")]
        return decided[-1:] == ["uphold"]

    def counted_from(self, known_s: int) -> int | None:
        """From when it counts, as known at a second: entered or confirmed by an officer; None for not at all.

        An appeal that is upheld takes it back from its beginning.
        """
        if self.known_s > known_s:
            return None
        if self.is_reversed(known_s):
            return None
        if self.by:
            return self.known_s
        answers = [a for a in self.answers if a.known_s <= known_s]
        return answers[-1].known_s if answers and answers[-1].action == "confirm" else None

    def counted_until(self, rules: CodeRules) -> int:
        """Until when it counts."""
        rule = rules.rule(self.rule)
        return self.happened_s + int((rule.counts_d if rule is not None else 0) * DAY_S)

    def lapses_s(self, rules: CodeRules) -> int | None:
        """When a proposal that nobody answered lapses; None for an entry of an officer."""
        return None if self.by else self.known_s + int(rules.confirm_within_d * DAY_S)

    def state(self, rules: CodeRules, at_s: int, known_s: int) -> str:
        """proposed, in_force, ended, rejected, lapsed or reversed: at a second, as known at another."""
        if self.is_reversed(known_s):
            return "reversed"
        answers = [a for a in self.answers if a.known_s <= at_s]
        if answers and answers[-1].action == "reject":
            return "rejected"
        if self.by or answers:
            return "in_force" if at_s < self.counted_until(rules) else "ended"
        lapses = self.lapses_s(rules)
        return "lapsed" if lapses is not None and at_s >= lapses else "proposed"

    def appeal_state(self, known_s: int) -> str:
        """none, file, uphold, reject or withdraw: the last step known."""
        known = [a for a in self.appeals if a.known_s <= known_s]
        return known[-1].action if known else "none"


class Decision(NamedTuple):
    """An officer's: confirm, set or review."""

    at_s: int
    decision: str
    action: str
    level: str
    ground: str
    by: str


class Ledger(msgspec.Struct):
    """All of a stay. ``edition`` and ``written``: what of its history was written; ``next_s``: see codes."""

    stay: str
    subject: str
    begun_s: int
    entries: list[Entry] = []
    decisions: list[Decision] = []
    closed_s: int = 0
    edition: int = 0
    written: int = 0
    next_s: int = 0
    overdue: bool = False

    def entry(self, name: str) -> Entry | None:
        """An entry by its id."""
        return next((one for one in self.entries if one.entry == name), None)
