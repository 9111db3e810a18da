"""Live risk of the people of a facility: scored anew when something about a person changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ingestion.contracts import content_id
from streaming_jobs.features.world import Person
from streaming_jobs.risk.score import Happening, Level, Score, Scorecard, score

REVIEW_S = 3600  # people with dynamic contributions are looked at again this often, as these decay


class PersonRisks:
    """Happenings and level by pseudonym. Only detainees are scored."""

    def __init__(self, card: Scorecard) -> None:
        self.card = card
        self.happenings: dict[str, list[Happening]] = {}
        self.levels: dict[str, Level] = {}
        self._counted = {factor.rule for factor in card.dynamic}

    def update(
        self,
        facility: str,
        persons: Mapping[str, Person],
        changed: set[str],
        alerts: Sequence[dict[str, Any]],
        second: int,
    ) -> list[dict[str, Any]]:
        """Rows of ``silver.risk`` for those whose facts, happenings or (at a review) level changed.

        Args:
            changed: pseudonyms whose context came in this second.
            alerts: alert rows raised in this second.
        """
        due = {subject for subject in changed if subject in persons}
        for alert in alerts:
            if alert["rule"] in self._counted and alert["verdict"] == "violation" and alert["mode"] == "active":
                for subject in alert["subjects"]:
                    if subject in persons:
                        self.happenings.setdefault(subject, []).append(Happening(alert["rule"], second))
                        due.add(subject)
        for gone in changed - due:
            self.happenings.pop(gone, None)
            self.levels.pop(gone, None)
        review = {s for s in self.happenings if s not in due} if second % REVIEW_S == 0 else set()
        rows = []
        for subject in sorted(due | review):
            person = persons.get(subject)
            if person is None or person.role != "detainee":
                continue
            before = self.levels.get(subject, "low")
            result = score(self.card, person.facts, self.happenings.get(subject, ()), second, before)
            self.levels[subject] = result.level
            self._drop_decayed(subject, result)
            if subject in due or result.level != before:
                rows.append(self._row(facility, subject, second, result))
        return rows

    def _drop_decayed(self, subject: str, result: Score) -> None:
        if subject in self.happenings:
            alive = {(c["factor"], c["since"]) for c in result.contributions if c["kind"] == "dynamic"}
            kept = [h for h in self.happenings[subject] if (h.rule, h.at_s * 1000) in alive]
            self.happenings[subject] = kept
            if not kept:
                del self.happenings[subject]

    def _row(self, facility: str, subject: str, second: int, result: Score) -> dict[str, Any]:
        return {
            "risk_id": content_id(facility, subject, second, self.card.name),
            "facility": facility,
            "subject": subject,
            "at": second * 1000,
            "expires": int((second + self.card.valid_h * 3600) * 1000),
            "score": result.points,
            "level": result.level,
            "scorecard": self.card.name,
            "contributions": msgspec.json.encode(result.contributions).decode(),
        }
