"""The decision: what becomes of appointments when something is said to the desk, and when circumstances change.

After every input each confirmed appointment is asked again whether it may take place as booked. One that may not is
moved within the times that were wished; if that cannot be, a family is told why it is off, and for a lawyer, whom the
law does not let be turned away, a place is sought until the time of the law, then a person must find one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from infra.appointments.clashes import MINUTE, free_escorts, hindrance
from infra.appointments.plan import Plan, Room
from infra.appointments.words import (
    FINAL,
    FOREVER,
    Apart,
    Appointment,
    Cancel,
    Did,
    Gate,
    Input,
    Lift,
    Measure,
    Outcome,
    Person,
    Place,
    Request,
    Session,
    Span,
    State,
    Step,
)

DAY = 24 * 60 * MINUTE
KEEP = 2 * DAY
"""What is over is remembered this long, so that a late word of the gate still finds it."""
UNCLOSED = DAY
"""A meeting that the gate never closed is taken to be over this long after its end."""


class _Turn:
    """One decision under way."""

    def __init__(self, state: State, plan: Plan) -> None:
        self.state, self.plan, self.out = state, plan, Outcome()

    def step(self, name: str, did: Did, reason: str = "", at: int | None = None) -> None:
        appointment = self.state.appointments[name]
        appointment.reason, appointment.changed_at = reason, self.state.at
        self.out.steps.append(Step(name, did, self.state.at if at is None else at, reason, appointment.place))

    # -- what is said ------------------------------------------------------------------------------------------------
    def request(self, said: Request) -> None:
        known = self.state.appointments.get(said.appointment)
        if known is not None:
            self.out.refused = "" if known.asked == said else "known_already"
            return
        if reason := self._wrong(said):
            self.out.refused = reason
            return
        at, horizon = self.state.at, self.state.at + self.plan.horizon_days * DAY
        last = max((end for _, end in said.wishes), default=at)
        due = max(at + self.plan.arrange_ms, last) if said.kind == "lawyer" else horizon
        self.state.appointments[said.appointment] = Appointment(said, at, due)
        self.step(said.appointment, "requested")
        self._place(said.appointment, "")

    def _wrong(self, said: Request) -> str:
        if said.subject not in self.state.persons:
            return "not_held"
        horizon = self.state.at + self.plan.horizon_days * DAY
        if any(not self.state.at < end <= horizon or begin >= end for begin, end in said.wishes):
            return "wrong_times"
        rooms = [room for room in self.plan.rooms if said.kind in room.kinds]
        most = max((min(room.visitors, self.plan.areas[room.area].people) for room in rooms), default=0)
        return "" if 1 <= said.visitors <= most else "too_many_visitors"

    def cancel(self, said: Cancel) -> None:
        known = self.state.appointments.get(said.appointment)
        if known is None or known.status not in ("requested", "confirmed"):
            self.out.refused = "unknown" if known is None else "over_already"
            return
        self._end(said.appointment, "cancelled", said.reason)

    def gate(self, said: Gate) -> None:
        known = self.state.appointments.get(said.appointment)
        if known is None:
            self.out.refused = "unknown"
            return
        at = min(said.at, self.state.at)
        begin = FOREVER if known.place is None else known.place.starts
        late = begin + self.plan.late_minutes * MINUTE
        # A terminal that was offline may say only now that somebody came when the clock had given him up.
        late_word = known.status == "no_show" and known.reason == "nobody_came" and said.action == "open" and at < late
        if known.status != ("open" if said.action == "close" else "confirmed") and not late_word:
            self.out.refused = "over_already" if known.status in FINAL else f"still_{known.status}"
        elif said.action == "close":
            self._end(said.appointment, "held", "", at)
        elif at < begin - (self.plan.early_minutes * MINUTE if said.action == "open" else 0):
            self.out.refused = "too_early"
        elif said.action == "no_show":
            self._end(said.appointment, "no_show", "gate_saw_nobody", at)
        else:
            known.status = "open"
            self.step(said.appointment, "opened", "late_word" if late_word else "", at)

    def _end(self, name: str, status: str, reason: str, at: int | None = None) -> None:
        appointment = self.state.appointments[name]
        appointment.status, appointment.escalated = status, False  # type: ignore[assignment]
        self.step(name, status, reason, at)  # type: ignore[arg-type]

    # -- places ------------------------------------------------------------------------------------------------------
    def _rooms(self, kind: str, screen: bool) -> list[Room]:
        return [room for room in self.plan.rooms if kind in room.kinds and room.screen == screen]

    def _spans(self, appointment: Appointment) -> Iterator[tuple[list[Span], bool, bool]]:
        """Where to look: times, whether by screen, whether the whole meeting must lie in them.

        First the wishes in person, then by screen; then, for whom the law protects, any time that is lawful, and
        where that has passed, any time: late is better than never.
        """
        asked, horizon = appointment.asked, self.plan.horizon_days * DAY
        begin = self.state.at + self.plan.notice_minutes * MINUTE
        lawful = [(begin, min(appointment.asked_at + horizon, appointment.due))]
        turns = [(sorted((max(begin, first), last) for first, last in asked.wishes), True)] if asked.wishes else []
        if self.plan.kinds[asked.kind].escalates or not asked.wishes:
            turns.append((lawful, False))
        if self.plan.kinds[asked.kind].escalates and begin > appointment.due:
            turns.append(([(begin, begin + horizon)], False))
        for spans, whole in turns:
            yield spans, False, whole
            if asked.screen:
                yield spans, True, whole

    def _candidates(self, name: str) -> Iterator[tuple[Room, Place]]:
        appointment = self.state.appointments[name]
        length = self.plan.kinds[appointment.asked.kind].minutes * MINUTE
        for spans, screen, whole in self._spans(appointment):
            for begin, end in spans:
                for start in self.plan.starts(appointment.asked.kind, begin, end - length * whole):
                    for room in self._rooms(appointment.asked.kind, screen):
                        yield room, Place(room.zone, start, start + length)

    def _find(self, name: str) -> tuple[Place | None, str]:
        """The first place that nothing stands against, or what stands against most."""
        against: Counter[str] = Counter()
        for room, bare in self._candidates(name):
            place = bare
            if self.plan.kinds[self.state.appointments[name].asked.kind].escort:
                free = free_escorts(self.state, self.plan, name, bare)
                place = Place(bare.room, bare.starts, bare.ends, free[0] if free else "")
            reason = hindrance(self.state, self.plan, name, place, room)
            if not reason:
                return place, ""
            against[reason] += 1
        return None, against.most_common(1)[0][0] if against else "closed_hours"

    def _place(self, name: str, lost: str) -> None:
        """Find a place for an appointment that has none, or none any more.

        Args:
            lost: why it can no longer take place as booked; '' for a request.
        """
        appointment = self.state.appointments[name]
        before = appointment.place
        appointment.place, appointment.status = None, "requested"
        found, against = (None, "left") if lost == "left" else self._find(name)
        if found is not None:
            appointment.place, appointment.status, appointment.escalated = found, "confirmed", False
            appointment.called = False
            appointment.reminded = found.starts - self.plan.remind_minutes * MINUTE <= self.state.at
            moved = before is not None
            appointment.moves += moved
            outside = "outside_wishes" if self._outside(appointment.asked, found) else ""
            beside = "after_due" if found.starts > appointment.due else outside
            self.step(name, "moved" if moved else "confirmed", lost or beside)
        elif lost == "left" or not self.plan.kinds[appointment.asked.kind].escalates:
            self._end(name, "cancelled" if lost else "refused", lost or against)
        elif not appointment.escalated:
            if before is not None:
                self.step(name, "unplaced", lost)
            appointment.escalated = True
            self.step(name, "escalated", lost or against)

    def _outside(self, asked: Request, place: Place) -> bool:
        wishes = asked.wishes or ((0, FOREVER),)
        return not any(begin <= place.starts and place.ends <= end for begin, end in wishes)

    # -- circumstances and time --------------------------------------------------------------------------------------
    def clock(self) -> None:
        """What the passing of time alone does."""
        at, plan = self.state.at, self.plan
        for name, appointment in list(self.state.appointments.items()):
            if appointment.status in FINAL:
                if max(appointment.changed_at, appointment.place.ends if appointment.place else 0) + KEEP < at:
                    del self.state.appointments[name]
            elif appointment.status == "confirmed" and appointment.place is not None:
                if at >= appointment.place.starts + plan.late_minutes * MINUTE:
                    self._end(name, "no_show", "nobody_came")
            elif appointment.status == "open" and appointment.place and at >= appointment.place.ends + UNCLOSED:
                self._end(name, "held", "never_closed")
        for known in (self.state.sessions, self.state.measures, self.state.apart):
            for name in [name for name, one in known.items() if one.ends + KEEP < at]:
                del known[name]

    def remind(self) -> None:
        """Say what comes up, once: a day before, and when it is time to bring the person."""
        for name, one in self.state.appointments.items():
            if one.status != "confirmed" or one.place is None:
                continue
            left = one.place.starts - self.state.at
            if not one.called and left <= self.plan.call_minutes * MINUTE:
                one.called = one.reminded = True
                self.step(name, "called", one.reason)
            elif not one.reminded and left <= self.plan.remind_minutes * MINUTE:
                one.reminded = True
                self.step(name, "reminded", one.reason)

    def look_again(self) -> None:
        """Every appointment that does not hold any more, then every one that still waits for a place."""
        appointments = self.state.appointments
        waiting = [name for name, one in appointments.items() if one.status == "requested"]
        lost: dict[str, str] = {}
        for name in sorted(appointments, key=self._rank, reverse=True):  # where two clash, the lesser claim gives way
            one = appointments[name]
            if one.status != "confirmed" or one.place is None:
                continue
            if reason := hindrance(self.state, self.plan, name, one.place):
                lost[name], one.status = reason, "requested"
        for name in sorted(lost, key=self._rank):
            one = appointments[name]
            if one.place is not None and not hindrance(self.state, self.plan, name, one.place):
                one.status = "confirmed"  # it clashed with one that is gone itself
            else:
                self._place(name, lost[name])
        for name in sorted(waiting, key=self._rank):
            self._place(name, "" if appointments[name].asked.subject in self.state.persons else "left")

    def _rank(self, name: str) -> tuple[bool, int, str]:
        """Whose claim is the better: who must not be turned away, then who asked first."""
        appointment = self.state.appointments[name]
        return not self.plan.kinds[appointment.asked.kind].escalates, appointment.asked_at, name


def decide(state: State, plan: Plan, said: Input, at: int) -> Outcome:
    """Take one input in and change the state.

    Args:
        at: when it is said, ms; a moment before the last one counts as the last one.

    Returns:
        the steps in their order. The same inputs at the same moments give the same steps and states.
    """
    state.at = max(state.at, at)
    turn = _Turn(state, plan)
    turn.clock()
    match said:
        case Request():
            turn.request(said)
            return turn.out
        case Gate():
            turn.gate(said)
        case Cancel():
            turn.cancel(said)
        case Person():
            if said.present:
                state.persons[said.subject] = said
            else:
                state.persons.pop(said.subject, None)
        case Apart():
            state.apart[said.order] = said
        case Session():
            state.sessions[said.session] = said
        case Measure():
            state.measures[said.measure] = said
        case Lift():
            _lift(state, said)
    turn.look_again()
    turn.remind()
    return turn.out


def _lift(state: State, said: Lift) -> None:
    known: dict[str, Any] = getattr(state, said.what)
    one = known.get(said.name)
    if one is None:
        return
    if said.ends <= one.starts:
        del known[said.name]
    elif said.ends < one.ends:
        known[said.name] = msgspec.structs.replace(one, ends=said.ends)


def replay(plan: Plan, history: Iterable[tuple[Input, int]]) -> State:
    """The state that a history of inputs and their moments leads to."""
    state = State()
    for said, at in history:
        decide(state, plan, said, at)
    return state
