"""What follows for people and the facility once a second is decided: custody codes and risk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from streaming_jobs.catalogue.custody_code import CodeRules
from streaming_jobs.custody_code.codes import CustodyCodes
from streaming_jobs.custody_code.ledger import Ledger
from streaming_jobs.features.world import World
from streaming_jobs.risk.facility import LOOK_S, FacilityRisk, numbers_of
from streaming_jobs.risk.person import PersonRisks
from streaming_jobs.risk.record import Record
from streaming_jobs.risk.scored import Cards


class _Saved(msgspec.Struct):
    records: dict[str, Record] = {}
    ledgers: dict[str, Ledger] = {}
    facility: Record = msgspec.field(default_factory=Record)
    points: dict[str, float] = {}
    used: tuple[tuple[str, ...], int] = ((), 0)


_SAVED = msgspec.msgpack.Decoder(_Saved)


class People:
    """Codes of the stays, risk of the persons, risk of the facility."""

    def __init__(self, code: CodeRules) -> None:
        self.codes = CustodyCodes(code)
        self.risks = PersonRisks()
        self.facility = FacilityRisk()

    def update(
        self,
        name: str,
        world: World,
        cards: Mapping[str, Cards],
        events: Sequence[Any],
        alerts: Sequence[Mapping[str, Any]],
        open_alerts: Collection[Mapping[str, Any]],
        second: int,
        on: date,
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Rows of ``silver.custody_code`` and of ``silver.risk``.

        Args:
            cards: scorecards in use by grain. alerts: alert rows of this second, raised and cleared.
            open_alerts: as they are after it. on: local day.
        """
        raised = [row for row in alerts if row["step"] == "raised"]
        codes = self.codes.update(name, world.persons, events, raised, second, lambda s: world.plan.local(s)[1])
        risks = self.risks.update(name, world.persons, cards["person"], events, raised, second, on)
        if alerts or second % LOOK_S == 0:
            waiting = [filed for record in self.risks.records.values() for filed in record.open.values()]
            numbers = numbers_of(world, open_alerts, waiting, self.codes.overdue(), second)
            risks += self.facility.update(name, cards["facility"], numbers, second, on)
        return codes, risks

    def saved(self) -> bytes:
        """The state as bytes."""
        state = _Saved(
            self.risks.records, self.codes.ledgers, self.facility.record, self.facility.points, self.risks.used
        )
        return msgspec.msgpack.encode(state)

    def restore(self, data: bytes) -> None:
        """Go on with a state; none for no bytes."""
        if data:
            state = _SAVED.decode(data)
            self.risks.restore(state.records, state.used)
            self.codes.ledgers = state.ledgers
            self.facility.record, self.facility.points = state.facility, state.points
