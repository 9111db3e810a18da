"""What a card would have seen of a person at moments of the past: only what was there by then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from streaming_jobs.catalogue.scorecard import Scorecard
from streaming_jobs.fold.admit import DECODER
from streaming_jobs.risk.hear import HEARD
from streaming_jobs.risk.record import Happening, Record
from streaming_jobs.risk.score import Weights, score


class Heard(NamedTuple):
    """A record about a person, or an alert (rule and id instead of a payload). Times in ms.

    ``available``: when the platform had it; never before it happened.
    """

    available: int
    at: int
    payload: bytes | None
    rule: str = ""
    alert: str = ""


@dataclass(frozen=True)
class Activations:
    """By factor how much of it there is: 1 for a fact, the faded number of happenings; a score is its dot product
    with the card's points. Made by the stream's own functions, so that a model is fitted to what will be scored."""

    card: Scorecard

    def __call__(self, heard: Iterable[Heard], moments: Sequence[int]) -> list[Mapping[str, float]]:
        """Activations and ``score`` at each moment (ms, ascending), from what was available by then."""
        rows = sorted(heard, key=lambda h: (max(h.available, h.at), h.at, h.payload or b"", h.alert))
        record, taken, found = Record(), 0, list[Mapping[str, float]]()
        for moment in moments:
            while taken < len(rows) and max(rows[taken].available, rows[taken].at) <= moment:
                self._take(record, rows[taken])
                taken += 1
            found.append(self._seen(record, moment // 1000))
        return found

    def _take(self, record: Record, row: Heard) -> None:
        second = max(row.available, row.at) // 1000
        if row.payload is None:
            record.happen([Happening(f"alert.{row.rule}", second, row.alert)])
            return
        try:
            event: Any = DECODER.decode(row.payload)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return  # what the stream refused does not count
        handle = HEARD.get(type(event).__name__)
        if handle is not None:
            handle(record, second, event)

    def _seen(self, record: Record, second: int) -> Mapping[str, float]:
        weights = Weights(self.card, datetime.fromtimestamp(second, tz=UTC).date())
        record.forget(weights.life_s, second)
        points = {f.factor: w for f, w in weights.steady} | {
            f.factor: w for found in weights.fading.values() for f, w, _ in found
        }
        points |= {f"unknown_{name}": rule.points for name, rule in weights.missing.items()}
        result = score(weights, record, second)
        seen = {c.factor: c.points / points[c.factor] for c in result.contributions if points.get(c.factor)}
        return {**seen, "score": result.points}
