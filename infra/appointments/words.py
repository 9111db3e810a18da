"""What is said to the desk of a facility, what the desk decides, and what it remembers. Times in ms."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["lawyer", "family", "consular"]
Measures = Literal["quarantine", "fever_cluster", "visit_stop"]
Span = tuple[int, int]
"""Begin and end; the end is not part of it."""

PSEUDONYM = r"^[A-Za-z0-9_.:/#-]{1,64}$"
FOREVER = 2**62
FINAL = ("held", "no_show", "refused", "cancelled")


# -- said to the desk ------------------------------------------------------------------------------------------------
class Request(msgspec.Struct, frozen=True, tag="request"):
    """Somebody asks to visit a person.

    Attributes:
        wishes: times within which the meeting is wanted; none: any.
        screen: a meeting by screen is accepted where none in person is possible.
    """

    appointment: str
    kind: Kind
    subject: str
    visitor: str
    visitors: int = 1
    wishes: tuple[Span, ...] = ()
    screen: bool = True


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """The visitor, the person or the office calls it off."""

    appointment: str
    reason: Literal["visitor_withdrew", "person_declined", "entered_by_mistake"]


class Gate(msgspec.Struct, frozen=True, tag="gate"):
    """The gate lets a visitor in, out again, or saw nobody come; at ``at``, which may be said later."""

    appointment: str
    action: Literal["open", "close", "no_show"]
    at: int


class Person(msgspec.Struct, frozen=True, tag="person"):
    """A detainee is held here, in a block, or has left."""

    subject: str
    block: str = ""
    present: bool = True


class Apart(msgspec.Struct, frozen=True, tag="apart"):
    """Two people are to be kept apart until ``ends``."""

    order: str
    one: str
    other: str
    ends: int = FOREVER


class Session(msgspec.Struct, frozen=True, tag="session"):
    """An interrogation is booked."""

    session: str
    room: str
    subject: str
    officers: tuple[str, ...]
    starts: int
    ends: int


class Measure(msgspec.Struct, frozen=True, tag="measure"):
    """A measure against an epidemic, of the facility, a block of it, or one person."""

    measure: str
    kind: Measures
    starts: int
    ends: int = FOREVER
    block: str = ""
    subject: str = ""


class Lift(msgspec.Struct, frozen=True, tag="lift"):
    """An interrogation, a measure or an order of the same id ends at ``ends``, or before it began."""

    what: Literal["sessions", "measures"]
    name: str
    ends: int


class Tick(msgspec.Struct, frozen=True, tag="tick"):
    """Time passed."""


Input = Request | Cancel | Gate | Person | Apart | Session | Measure | Lift | Tick


# -- decided by the desk ---------------------------------------------------------------------------------------------
Did = Literal[
    "requested",
    "confirmed",
    "moved",
    "unplaced",  # it lost its place and is asked for as in the beginning
    "escalated",
    "reminded",
    "called",  # the hour has come to bring the person
    "opened",
    "held",
    "no_show",
    "refused",
    "cancelled",
]


class Place(msgspec.Struct, frozen=True):
    """A room for a time, and the officer who accompanies ('' where the kind needs none)."""

    room: str
    starts: int
    ends: int
    escort: str = ""


class Step(msgspec.Struct, frozen=True):
    """One step of an appointment; ``reason`` names an entry of ``reasons.yaml``, or is empty."""

    appointment: str
    did: Did
    at: int
    reason: str = ""
    place: Place | None = None


class Outcome(msgspec.Struct):
    """What one input led to. ``refused``: why the input itself does not count; it then changed nothing."""

    steps: list[Step] = []
    refused: str = ""


# -- remembered ------------------------------------------------------------------------------------------------------
class Appointment(msgspec.Struct):
    """A request and what became of it.

    Attributes:
        due: by when a meeting must begin (law or wish); FOREVER where nothing says so.
        escalated: it has no place, and a person must find one.
    """

    asked: Request
    asked_at: int
    due: int
    status: Literal["requested", "confirmed", "open", "held", "no_show", "refused", "cancelled"] = "requested"
    place: Place | None = None
    reason: str = ""
    changed_at: int = 0
    moves: int = 0
    reminded: bool = False
    escalated: bool = False
    called: bool = False

    @property
    def taken(self) -> Place | None:
        """The place it takes up; what is over or off takes none."""
        return self.place if self.status in ("confirmed", "open", "held") else None


class State(msgspec.Struct):
    """All of a facility's desk. Plain data: a copy decides the same."""

    at: int = 0
    appointments: dict[str, Appointment] = {}
    persons: dict[str, Person] = {}
    apart: dict[str, Apart] = {}
    sessions: dict[str, Session] = {}
    measures: dict[str, Measure] = {}


def encode(state: State) -> bytes:
    """The state as bytes; equal states give equal bytes."""
    return msgspec.msgpack.encode(state)


def decode(data: bytes) -> State:
    """The state in bytes that :func:`encode` made."""
    return msgspec.msgpack.decode(data, type=State)
