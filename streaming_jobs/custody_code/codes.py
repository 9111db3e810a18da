"""The custody codes of a facility's stays, beside its stream: acts in, rows of ``silver.custody_code`` out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from ingestion.contracts import content_id
from streaming_jobs.catalogue.custody_code import CodeRules
from streaming_jobs.custody_code.history import Day, Period, entries_at, history, next_change
from streaming_jobs.custody_code.ledger import Answer, Appeal, Decision, Entry, Ledger
from streaming_jobs.features.world import Person

LOOK_S = 60  # seconds between two looks at what time alone changes


class CustodyCodes:
    """Ledgers by stay."""

    def __init__(self, rules: CodeRules) -> None:
        self.rules = rules
        self.ledgers: dict[str, Ledger] = {}
        self._proposing = {one.input: one.rule for one in rules.rules if one.input is not None}

    def fault_of(self, event: Any) -> str | None:
        """Why an act cannot be taken in, naming the field; None if it can. Acts not closed yet are not looked at."""
        if type(event).__name__ == "CodeEntry" and self.rules.rule(event.rule) is None:
            known = ", ".join(one.rule for one in self.rules.rules)
            return f"rule: there is no rule {event.rule!r} in {self.rules.name}; use one of: {known}"
        return None

    def update(
        self,
        facility: str,
        persons: Mapping[str, Person],
        events: Sequence[Any],
        alerts: Collection[Mapping[str, Any]],
        second: int,
        day: Day,
    ) -> list[dict[str, Any]]:
        """Rows for the stays about which somebody acted or something was proposed, and where time changed the code.

        Args:
            persons: who is here. events: of this second, in order. alerts: alert rows raised in this second.
            day: local day of a second.
        """
        touched = dict.fromkeys(
            stay for event in events if (stay := self._take(persons, event, second)) is not None
        ) | dict.fromkeys(self._propose(alerts, second))
        if second % LOOK_S == 0:
            touched |= dict.fromkeys(s for s, ledger in self.ledgers.items() if 0 < ledger.next_s <= second)
        return [row for stay in touched for row in self._rows(facility, self.ledgers[stay], second, day)]

    def overdue(self) -> int:
        """Stays whose review is overdue, as of the last look."""
        return sum(ledger.overdue for ledger in self.ledgers.values() if not ledger.closed_s)

    # -- acts ---------------------------------------------------------------------------------
    def _take(self, persons: Mapping[str, Person], event: Any, second: int) -> str | None:
        handle = _TAKEN.get(type(event).__name__)
        if handle is None:
            return None
        stay = event.stay or event.subject
        if type(event).__name__ == "PersonContext":
            if event.role != "detainee":
                return None
            ledger = self.ledgers.get(stay)
            if event.present and ledger is None:
                self.ledgers[stay] = Ledger(stay, event.subject, second)
                return str(stay)
            if not event.present and ledger is not None and not ledger.closed_s:
                if not ledger.entries and not ledger.decisions:
                    del self.ledgers[stay]  # what was written stays in the lake; there is nothing to appeal against
                    return None
                ledger.closed_s = second
                return str(stay)
            return None
        ledger = self.ledgers.setdefault(stay, Ledger(stay, event.subject, second))
        handle(ledger, self.rules, event, second)
        return str(stay)

    def _propose(self, alerts: Collection[Mapping[str, Any]], second: int) -> list[str]:
        """Enter proposals for the stays of those whom alerts are about."""
        found = []
        wanted = [
            (alert, self._proposing[f"alert.{alert['rule']}"])
            for alert in alerts
            if f"alert.{alert['rule']}" in self._proposing
            and alert["verdict"] == "violation"
            and alert["mode"] == "active"
        ]
        if not wanted:
            return []
        open_stays = {ledger.subject: ledger for ledger in self.ledgers.values() if not ledger.closed_s}
        for alert, rule in wanted:
            for subject in alert["subjects"]:
                ledger = open_stays.get(subject)
                if ledger is not None:
                    name = content_id(alert["alert_id"], subject, rule)[:16]
                    entry = Entry(name, rule, alert["onset"] // 1000, second, "alert", alert["alert_id"], "")
                    ledger.entries.append(entry)
                    found.append(ledger.stay)
        return found

    # -- rows ---------------------------------------------------------------------------------
    def _rows(self, facility: str, ledger: Ledger, second: int, day: Day) -> list[dict[str, Any]]:
        """What was not written yet; the whole history anew where what is known of the past has changed."""
        rules = self.rules
        now = history(rules, ledger, second, second, day)
        before = history(rules, ledger, second - 1, second - 1, day)
        if now[: ledger.written] != before[: ledger.written]:
            ledger.edition, ledger.written = ledger.edition + 1, 0
        first, ledger.written = ledger.written, len(now)
        ledger.overdue, ledger.next_s = now[-1].overdue, next_change(rules, ledger, now[-1], second)
        return [self._row(facility, ledger, n, now[n], second, day) for n in range(first, len(now))]

    def _row(self, facility: str, ledger: Ledger, number: int, period: Period, second: int, day: Day) -> dict[str, Any]:
        entries = entries_at(self.rules, ledger, period.at_s, second, day)
        return {
            "code_id": content_id(facility, ledger.stay, ledger.edition, number, period.at_s),
            "facility": facility,
            "stay": ledger.stay,
            "subject": ledger.subject,
            "edition": ledger.edition,
            "number": number,
            "at": period.at_s * 1000,
            "known_from": second * 1000,
            "level": period.level,
            "proposed": period.proposed,
            "points": period.points,
            "review_due": period.due_s * 1000,
            "expires": period.expires_s * 1000,
            "overdue": period.overdue,
            "act": period.act,
            "by": period.by,
            "ground": period.ground,
            "rules": self.rules.name,
            "entries": msgspec.json.encode(entries).decode(),
        }


def _entry(ledger: Ledger, rules: CodeRules, event: Any, second: int) -> None:
    entry = ledger.entry(event.entry)
    if event.action == "enter":
        if entry is None:
            happened = min(event.happened_at // 1000, second)
            made = Entry(event.entry, event.rule, happened, second, event.origin, event.reference, event.by)
            ledger.entries.append(made)
        return
    lapses = None if entry is None else entry.lapses_s(rules)
    if entry is not None and lapses is not None and second < lapses:
        entry.answers.append(Answer(second, event.action, event.by))


def _appeal(ledger: Ledger, rules: CodeRules, event: Any, second: int) -> None:
    entry = ledger.entry(event.entry)
    if entry is None:
        return
    makers = {entry.by, *(answer.by for answer in entry.answers)}
    if event.action in ("uphold", "reject") and event.by in makers:
        return  # nobody decides about an entry of one's own
    if (entry.appeal_state(second) == "file") != (event.action == "file"):
        entry.appeals.append(Appeal(second, event.appeal, event.action, event.ground, event.by))


def _decision(ledger: Ledger, rules: CodeRules, event: Any, second: int) -> None:
    if all(event.decision != one.decision for one in ledger.decisions):
        ledger.decisions.append(Decision(second, event.decision, event.action, event.level, event.ground, event.by))


def _context(ledger: Ledger, rules: CodeRules, event: Any, second: int) -> None:
    """A person's context opens and closes a ledger, which is done where it is taken."""


_TAKEN = {"CodeEntry": _entry, "CodeAppeal": _appeal, "CodeDecision": _decision, "PersonContext": _context}
