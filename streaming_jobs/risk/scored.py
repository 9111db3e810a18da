"""A scorecard at work: the weights of a day, the level with its memory, and the row for the lake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from ingestion.contracts import content_id
from streaming_jobs.catalogue.scorecard import Scorecard
from streaming_jobs.risk.record import DAY_S, Level, Record
from streaming_jobs.risk.score import Score, Weights, level_of, score
from streaming_jobs.risk.words import changed_words


class Scored:
    """A card in a mode, with its weights of the last days; makes the rows of ``silver.risk``."""

    def __init__(self, card: Scorecard, mode: str) -> None:
        self.card, self.mode = card, mode
        self._weights: dict[date, Weights] = {}

    def weights(self, on: date) -> Weights:
        """The weights in force on a day."""
        if on not in self._weights:
            if len(self._weights) > 8:
                self._weights.clear()
            self._weights[on] = Weights(self.card, on)
        return self._weights[on]

    def judge(self, record: Record, second: int, on: date) -> tuple[Score, Level]:
        """Score and level at a second; the level is remembered for its hysteresis."""
        result = score(self.weights(on), record, second)
        level = level_of(self.card, result.points, record.levels.get(self.mode, "low"))
        record.levels[self.mode] = level
        return result, level

    def row(self, facility: str, subject: str, record: Record, second: int, on: date, result: Score) -> dict[str, Any]:
        """A row of ``silver.risk``."""
        before = None
        if any(versions[0][0] <= second - DAY_S for versions in record.known.values()):
            before = score(self.weights(on - timedelta(days=1)), record, second - DAY_S).contributions
        zh, en = changed_words(before, result.contributions)
        return {
            "risk_id": content_id(facility, subject, second, self.card.name, self.mode),
            "facility": facility,
            "grain": self.card.grain,
            "subject": subject,
            "at": second * 1000,
            "expires": int((second + self.card.valid_h * 3600) * 1000),
            "score": result.points,
            "level": record.levels[self.mode],
            "scorecard": self.card.name,
            "mode": self.mode,
            "contributions": msgspec.json.encode([c.row() for c in result.contributions]).decode(),
            "unknown": list(result.unknown),
            "changed_zh": zh,
            "changed_en": en,
        }


class Cards:
    """The cards of a grain that a facility uses: one in force and at most one in shadow beside it."""

    def __init__(self, cards: Sequence[Scorecard]) -> None:
        self.scored = [Scored(card, card.mode) for card in cards if card.mode != "disabled"]
        self.names = tuple(f"{one.card.name} {one.mode}" for one in self.scored)
        self.counted = {f.input for one in self.scored for f in one.card.factors}
        self.valid_s = min((one.card.valid_h for one in self.scored), default=24.0) * 3600

    def life_s(self, on: date) -> dict[str, float]:
        """By input the age (s) at which a happening counts in no card any more."""
        lives: dict[str, float] = {}
        for one in self.scored:
            for name, life in one.weights(on).life_s.items():
                lives[name] = max(lives.get(name, 0.0), life)
        return lives
