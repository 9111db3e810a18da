"""What holds of a desk whatever is said to it, in the words of the house rules and not of the code."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise
from random import Random
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.appointments.clashes import MINUTE, overlap
from infra.appointments.decide import DAY, decide, replay
from infra.appointments.events import publish
from infra.appointments.plan import Plan
from infra.appointments.reasons import reasons
from infra.appointments.words import (
    FINAL,
    Apart,
    Appointment,
    Cancel,
    Gate,
    Input,
    Kind,
    Lift,
    Measure,
    Measures,
    Person,
    Place,
    Request,
    Session,
    State,
    Tick,
    decode,
    encode,
)
from tests.support.visiting import HOUR, plan, when

PEOPLE, BLOCKS = ("a", "b", "c", "d"), ("B1", "B2")
START = when("mon 08:00")
History = list[tuple[Input, int]]
# One hour a morning: two lawyers cannot be met in it in one room.
PLAN = plan(
    hours=[{"kinds": ["lawyer", "consular", "family"], "days": ["mon", "tue", "wed", "thu", "fri"],
            "opens": "09:00", "closes": "10:30"}]
)  # fmt: skip


def _span(draw: Random) -> tuple[int, int]:
    begin = _quarter(draw)
    return begin, begin + draw.randint(2, 8) * 15 * MINUTE


def _quarter(draw: Random) -> int:
    """All happens in the visiting hours of three mornings, so that things do get into each other's way."""
    return START + draw.randint(0, 2) * DAY + draw.randint(3, 12) * 15 * MINUTE


def _input(draw: Random, number: int) -> Input:
    who, other, name = draw.choice(PEOPLE), draw.choice(PEOPLE), str(draw.randint(0, number))
    begin, end = _span(draw)
    match draw.choice("rrrrrrrrggggggggcpaskmmltt"):
        case "r":
            kind: Kind = draw.choice(("lawyer", "lawyer", "family", "family", "consular"))
            wishes = tuple(_span(draw) for _ in range(draw.choice((0, 0, 1, 2))))
            again = draw.random() < 0.1
            return Request(
                name if again else str(number), kind, who, "v", draw.randint(1, 3), wishes, draw.random() < 0.5
            )
        case "g":
            at = draw.choice((START + 60 * DAY, _quarter(draw)))
            return Gate(name, draw.choice(("open", "open", "close", "no_show")), at)
        case "c":
            return Cancel(name, draw.choice(("visitor_withdrew", "person_declined")))
        case "p":
            return Person(who, draw.choice(BLOCKS), draw.random() < 0.9)
        case "a":
            return Apart(draw.choice("xy"), who, other, _quarter(draw))
        case "s":
            return Session(draw.choice("pqrs"), draw.choice(("IR", "L1")), who, ("o-1",), begin, end)
        case "m":
            block, one = draw.choice(("", *BLOCKS)), draw.choice(("", "", who))
            return Measure(
                draw.choice("mn"), draw.choice(get_args(Measures)), begin, end + draw.choice((0, DAY)), block, one
            )
        case "l" | "k":
            return Lift(draw.choice(("sessions", "measures")), draw.choice("pqrsmn"), _quarter(draw))
    return Tick()


def _history(seed: int) -> History:
    draw, at = Random(seed), START
    history: History = [(Person(p, BLOCKS[n % 2]), START) for n, p in enumerate(PEOPLE)]
    for number in range(draw.randint(5, 90)):
        at += draw.choice((0, 0, 0, 5, 15, 60, 180)) * MINUTE
        history.append((_input(draw, number), at))
    return history


histories = st.integers(0, 2**32).map(_history)


def booked(state: State) -> list[tuple[str, Appointment, Place]]:
    return [(n, a, a.place) for n, a in state.appointments.items() if a.status in ("confirmed", "open") and a.place]


def measured(state: State, appointment: Appointment, place: Place, of: Plan) -> list[str]:
    """Measures that forbid this meeting in person."""
    block = state.persons[appointment.asked.subject].block
    return [
        one.measure
        for one in state.measures.values()
        if appointment.asked.kind not in of.measures[one.kind]
        and (one.subject == appointment.asked.subject or (not one.subject and one.block in ("", block)))
        and one.starts < place.ends
        and place.starts < one.ends
    ]


def check(state: State, of: Plan) -> None:
    """The house rules, pair by pair."""
    rooms = {room.zone: room for room in of.rooms}
    lead = of.lead_minutes * MINUTE
    apart = [({one.one, one.other}, one.ends) for one in state.apart.values()]
    for name, one, place in booked(state):
        if one.status == "open":  # people decide what becomes of a meeting under way
            continue
        room = rooms[place.room]
        assert one.asked.kind in room.kinds
        assert one.asked.subject in state.persons
        assert one.asked.visitors <= room.visitors
        assert room.screen <= one.asked.screen
        assert room.screen or not measured(state, one, place, of)
        for session in state.sessions.values():
            same = overlap((session.starts, session.ends), (place.starts, place.ends))
            assert not (same and (session.subject == one.asked.subject or session.room == place.room)), name
            assert not (same and place.escort and place.escort in session.officers), name
    for (_, one, here), (_, other, there) in combinations(booked(state), 2):
        if overlap((here.starts, here.ends), (there.starts, there.ends)):
            assert here.room != there.room
            assert one.asked.subject != other.asked.subject
            assert not here.escort or here.escort != there.escort
        near = rooms[here.room].area == rooms[there.room].area and "confirmed" in (one.status, other.status)
        if near and overlap((here.starts - lead, here.ends + lead), (there.starts - lead, there.ends + lead)):
            pair, meet = {one.asked.subject, other.asked.subject}, max(here.starts, there.starts) - lead
            assert not any(pair == names and ends > meet for names, ends in apart)
    for area, size in of.areas.items():
        here_ = [(p.starts - lead, p.ends + lead, a.asked.visitors) for _, a, p in booked(state)
                 if rooms[p.room].area == area]  # fmt: skip
        for moment, _, _ in here_:
            assert sum(n for begin, end, n in here_ if begin <= moment < end) <= size.people


@settings(max_examples=200, deadline=None)
@given(histories)
def test_after_every_word_no_two_meetings_clash_and_no_confirmed_one_breaks_a_rule(history: History) -> None:
    state = State()
    for said, at in history:
        decide(state, PLAN, said, at)
        check(state, PLAN)


def run(history: History) -> tuple[State, dict[str, list[str]]]:
    """The end of a history, and by appointment (a new one of an id counts anew) what was done."""
    state = State()
    done: dict[str, list[str]] = {}
    number: Counter[str] = Counter()
    for said, at in history:
        for step in decide(state, PLAN, said, at).steps:
            number[step.appointment] += step.did == "requested"
            done.setdefault(f"{step.appointment}/{number[step.appointment]}", []).append(step.did)
    return state, done


@settings(max_examples=200, deadline=None)
@given(histories)
def test_every_request_ends_in_exactly_one_way(history: History) -> None:
    end = history[-1][1]
    leaving: History = [(Tick(), end + 30 * DAY)] + [(Person(p, present=False), end + 30 * DAY) for p in PEOPLE]
    # Time goes on and the gate does its work for whoever is in by then; then everybody leaves.
    state, done = run([*history, *leaving, (Tick(), end + 33 * DAY)])
    assert all(one.status in FINAL for one in state.appointments.values())
    for did in done.values():
        assert did[0] == "requested"
        ends = [one for one in did if one in FINAL]
        corrected = sum(a == "no_show" and b == "opened" for a, b in pairwise(did))
        assert len(ends) == 1 + corrected
        assert did[-1] in FINAL


@settings(max_examples=200, deadline=None)
@given(histories)
def test_a_lawyer_is_never_refused_and_waits_beyond_the_law_only_with_somebody_knowing(history: History) -> None:
    state = State()
    for said, at in history:
        out = decide(state, PLAN, said, at)
        for name, one in state.appointments.items():
            if one.asked.kind != "lawyer":
                continue
            assert one.due == max(one.asked_at + 48 * HOUR, *(end for _, end in one.asked.wishes), 0)
            assert one.status != "refused"
            assert one.status != "requested" or one.escalated
            late = one.place is not None and one.status == "confirmed" and one.place.starts > one.due
            steps = [step.reason for step in out.steps if step.appointment == name and step.did == "confirmed"]
            assert not (late and steps) or steps[-1] == "after_due"


@settings(max_examples=60, deadline=None)
@given(histories, st.integers(0, 40))
def test_a_replay_gives_the_same_bytes_also_from_a_state_that_was_stored(history: History, cut: int) -> None:
    whole = encode(replay(PLAN, history))
    assert encode(replay(PLAN, history)) == whole
    state = decode(encode(replay(PLAN, history[:cut])))
    for said, at in history[cut:]:
        decide(state, PLAN, said, at)
    assert encode(state) == whole


@settings(max_examples=100, deadline=None)
@given(histories)
def test_every_reason_has_words_and_the_events_of_an_appointment_tell_the_rules_where_it_stands(
    history: History,
) -> None:
    state, told = State(), {}
    for said, at in history:
        out = decide(state, PLAN, said, at)
        assert not out.refused or out.refused in reasons()
        for step in out.steps:
            assert not step.reason or step.reason in reasons()
            event = publish("330101", PLAN, state.appointments[step.appointment], step)
            if event is not None:
                told[step.appointment] = event
        for name, one in state.appointments.items():
            last = told[name]
            expected = {"requested": "escalate", "confirmed": "book", "open": "open", "held": "close",
                        "no_show": "no_show", "refused": "cancel", "cancelled": "cancel"}  # fmt: skip
            assert last.action == expected[one.status]
            if last.action == "book":
                assert one.place is not None
                assert (last.zone, last.starts_at, last.ends_at) == (one.place.room, one.place.starts, one.place.ends)
