"""What a terminal's buttons send, one entry each: kept on the terminal while it is offline, done here once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from infra.appointments.words import PSEUDONYM, Kind, Request
from infra.gateway.accounts import Session
from ingestion.contracts import EmergencyOrder, Event, PatrolCheckIn, TerminalEvent
from streaming_jobs.response.words import Action, FalseAlarm

OLDEST_MS = 24 * 3_600_000
_KEY = r"^[A-Za-z0-9-]{8,64}$"
_CASE = r"^[0-9a-f]{32}$"
_NAME = r"^[^\x00-\x1f]{1,64}$"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=_KEY)
    at: int = Field(ge=0, description="When the button was pressed, by the terminal's clock (ms).")


class AnswerEntry(_Entry):
    """An answer to a case."""

    kind: Literal["answer"]
    case: str = Field(pattern=_CASE)
    action: Action
    reason: FalseAlarm | None = None


class NoteEntry(_Entry):
    """A note to a case: text, the digest of a photo that was sent before, the id of a recording."""

    kind: Literal["note"]
    case: str = Field(pattern=_CASE)
    text: str = Field(default="", max_length=2000)
    photo: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    recording: str = Field(default="", pattern=r"^[A-Za-z0-9_.:/#-]{0,64}$")


class CheckInEntry(_Entry):
    """A patrol's check-in by the code at the place."""

    kind: Literal["check_in"]
    zone: str = Field(pattern=_NAME)
    action: Literal["arrive", "leave"] = "arrive"
    round: str | None = Field(default=None, pattern=_NAME)


class PanicEntry(_Entry):
    """The panic button."""

    kind: Literal["panic"]
    zone: str | None = Field(default=None, pattern=_NAME)


class EmergencyEntry(_Entry):
    """A drill, an evacuation or a hazard check, ordered or closed; the head count follows from the cameras."""

    kind: Literal["emergency"]
    order: Literal["evacuation", "drill", "hazard_check"]
    action: Literal["open", "close"]
    minutes: int = Field(default=5, ge=0, le=1440)
    """Until everybody is at the muster, or the check is done."""


class VisitEntry(_Entry):
    """The gate lets a visitor in, out again, or saw nobody come."""

    kind: Literal["visit"]
    appointment: str = Field(pattern=_NAME)
    action: Literal["open", "close", "no_show"]


class VisitRequestEntry(_Entry):
    """Somebody at the gate, or who has written, asks to visit a person."""

    kind: Literal["visit_request"]
    visit: Kind
    subject: str = Field(pattern=PSEUDONYM)
    visitor: str = Field(pattern=PSEUDONYM)
    visitors: int = Field(default=1, ge=1, le=20)
    wishes: list[tuple[int, int]] = Field(default=[], max_length=5, description="Begin and end of wanted times (ms).")
    screen: bool = True

    def request(self, appointment: str) -> Request:
        """What the desk is asked."""
        wishes = tuple(self.wishes)
        return Request(appointment, self.visit, self.subject, self.visitor, self.visitors, wishes, self.screen)


Entry = Annotated[
    AnswerEntry | NoteEntry | CheckInEntry | PanicEntry | EmergencyEntry | VisitEntry | VisitRequestEntry,
    Field(discriminator="kind"),
]


def pressed_at(entry: _Entry, now: int) -> int:
    """When it happened: by the terminal's clock, but neither in the future nor more than a day ago."""
    return min(now, max(entry.at, now - OLDEST_MS))


def event_of(entry: CheckInEntry | PanicEntry | EmergencyEntry, session: Session, now: int) -> Event:
    """The event of a check-in, a panic or an emergency order; one order of a kind is open at a facility at a time."""
    facility, at, device = session.scope, pressed_at(entry, now), f"terminal/{session.user}"[:64]
    if isinstance(entry, CheckInEntry):
        return PatrolCheckIn(
            facility=facility,
            event_time=at,
            device=device,
            zone=entry.zone,
            officer=session.user,
            action=entry.action,
            round=entry.round,
        )
    if isinstance(entry, EmergencyEntry):
        opens, checks = entry.action == "open", entry.order == "hazard_check"
        return EmergencyOrder(
            facility=facility,
            event_time=at,
            device=device,
            order=f"{entry.order}-{facility}"[:64],
            kind=entry.order,
            action=entry.action,
            minutes=float(entry.minutes) if opens and not checks else None,
            due_at=at + 60_000 * entry.minutes if opens and checks else None,
        )
    return TerminalEvent(
        facility=facility,
        event_time=at,
        device=device,
        action="panic",
        post=session.kind,
        zone=entry.zone,
        officer=session.user,
    )
