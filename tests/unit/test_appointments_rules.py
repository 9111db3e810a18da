"""From a request at the desk to the rule: int-10 counts as the desk does, and hears of what it decides."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import pytest

from infra.appointments.decide import decide
from infra.appointments.events import hear, publish
from infra.appointments.plan import Plan
from infra.appointments.words import Gate, Input, Request, State
from ingestion.contracts import EpidemicMeasure, Event, InterrogationSession, NonAssociation, SitePlan, VisitEvent
from ingestion.contracts.platform import Zone
from streaming_jobs.catalogue import RULES_DIR, load_catalogue
from streaming_jobs.response import State as ResponseState
from streaming_jobs.response import Tick, alert_step, load_plan
from streaming_jobs.response import decide as respond
from tests.support.rooms import plan as site
from tests.support.scene import FACILITY, end, fold_all, frame, in_order, person, received
from tests.support.visiting import HOUR, plan, when

MONDAY = when("mon 08:00")
CLOSED = plan(closed=["2026-12-01", "2026-12-02"])


def site_with_rooms(at: int) -> SitePlan:
    known = site(at)
    rooms = [
        Zone(id=room.zone, kind="meeting", polygon=[(x, 50.0), (x + 5.0, 50.0), (x + 5.0, 55.0)])
        for x, room in zip((0.0, 20.0, 40.0), CLOSED.rooms, strict=True)
    ]
    return known.model_copy(update={"zones": [*known.zones, *rooms]})


def at_the_desk(of: Plan, *said: tuple[str, Input | Event]) -> list[Event]:
    """What the facility's stream holds afterwards: the events that the desk heard, and those that it made."""
    state, stream = State(), []
    for text, one in said:
        if isinstance(one, Event):
            stream.append(one)
            given = hear(one)
        else:
            given = one
        assert given is not None
        out = decide(state, of, given, when(text))
        made = (publish(FACILITY, of, state.appointments[step.appointment], step) for step in out.steps)
        stream += [event for event in made if event is not None]
    return stream


def lawyer(name: str, *wishes: tuple[str, str], screen: bool = True) -> Request:
    return Request(
        name, "lawyer", name, f"v-{name}", wishes=tuple((when(a), when(b)) for a, b in wishes), screen=screen
    )


def quarantine(at: str, action: Literal["impose", "lift"], subject: str) -> EpidemicMeasure:
    return EpidemicMeasure(
        facility=FACILITY, event_time=when(at), device="measures-desk", measure=f"q-{subject}", kind="quarantine",
        action=action, subject=subject, by="o-9",
    )  # fmt: skip


@pytest.mark.slow
def test_int_10_is_raised_for_who_finds_no_room_in_48_hours_or_lost_it_and_for_nobody_else() -> None:
    people = [("mon 08:50", person(name, at=when("mon 08:50"))) for name in ("unplaced", "lost", "met", "early")]
    stream = at_the_desk(
        CLOSED,
        *people,
        ("mon 08:50", quarantine("mon 08:50", "impose", "unplaced")),
        ("mon 08:50", lawyer("unplaced", screen=False)),
        ("mon 08:50", lawyer("lost", screen=False)),
        ("mon 08:50", lawyer("met")),
        ("mon 08:50", lawyer("early", ("thu 09:00", "thu 10:00"))),
        ("mon 08:51", quarantine("mon 08:51", "impose", "lost")),
        ("mon 09:15", Gate("met", "open", when("mon 09:15"))),
    )
    assert [(e.appointment, e.action) for e in stream if isinstance(e, VisitEvent)] == [
        ("unplaced", "request"), ("unplaced", "escalate"), ("lost", "request"), ("lost", "book"),
        ("met", "request"), ("met", "book"), ("early", "request"), ("early", "book"),
        ("lost", "request"), ("lost", "escalate"), ("met", "open"),
    ]  # fmt: skip
    due = when("wed 08:50")
    looks = [frame(due + s * 1000, camera="cam-IR") for s in range(-5, 6)]
    out = fold_all(
        received(in_order([site_with_rooms(when("mon 08:49")), *stream, *looks, end(due + 9000)]), at=due + 60_000)
    )
    assert [(row["reason"], row["detail"]) for row in out.quarantine] == []
    raised = {
        rule: {row["subjects"][0]: row["onset"] for row in out.alert if (row["rule"], row["step"]) == (rule, "raised")}
        for rule in ("int-10", "int-10b")
    }
    assert raised["int-10"] == {"lost": due + 1000, "unplaced": due + 1000}
    assert raised["int-10b"] == {"unplaced": when("mon 08:50"), "lost": when("mon 08:51")}, "long before, at once"


def test_an_escalation_is_pushed_to_gate_and_leader_at_once_and_its_case_ends_with_the_booking() -> None:
    stream = at_the_desk(
        CLOSED,
        ("mon 08:50", person("a", at=when("mon 08:50"))),
        ("mon 08:50", quarantine("mon 08:50", "impose", "a")),
        ("mon 08:51", lawyer("a", screen=False)),
        ("mon 08:52", quarantine("mon 08:52", "lift", "a")),
    )
    assert [e.action for e in stream if isinstance(e, VisitEvent)] == ["request", "escalate", "book"]
    last = when("mon 08:52") + 30_000
    looks = [frame(at, camera="cam-IR") for at in range(when("mon 08:51"), last, 1000)]
    out = fold_all(received(in_order([site_with_rooms(when("mon 08:49")), *stream, *looks, end(last)]), at=last))
    response, state = load_plan(), ResponseState()
    told: list[tuple[str, str, str]] = []
    for row in (one for one in out.alert if one["rule"] == "int-10b"):
        at = row["cleared"] or row["raised_at"]
        for moment, said in ((at, alert_step(row)), (at + 10_000, Tick())):
            pushes = respond(response, state, said, moment).pushes
            told += [(push.address, push.kind, push.body["cases"][0]["status"]) for push in pushes]
    posts = (f"gate@{FACILITY}", f"leader@{FACILITY}")
    assert told == [(post, "alert", "open") for post in posts] + [(post, "update", "closed") for post in posts]


def test_the_desk_has_its_time_from_the_rule() -> None:
    rule = load_catalogue(RULES_DIR)["int-10"]
    seconds, _ = rule.parameter("arrange_s", "", date(2026, 11, 30))
    assert seconds * 1000 == CLOSED.arrange_ms == 48 * HOUR


def test_orders_and_interrogations_of_the_stream_are_heard_and_their_end_too() -> None:
    common: dict[str, Any] = {"facility": FACILITY, "device": "desk"}
    booked = InterrogationSession(
        **common, event_time=MONDAY, zone="IR", session="s", action="book", subject="a", officers=["o-2"],
        starts_at=when("tue 09:00"), ends_at=when("tue 10:00"),
    )  # fmt: skip
    off = InterrogationSession(**common, event_time=MONDAY + 1, zone="IR", session="s", action="cancel")
    kept = NonAssociation(
        **common, event_time=MONDAY, order="na", subject="a", other="b", action="impose", reason="same_case"
    )
    state = State()
    for event in (person("a", at=MONDAY), booked, kept, quarantine("mon 08:00", "impose", "a")):
        given = hear(event)
        assert given is not None
        decide(state, CLOSED, given, event.event_time)
    assert (set(state.persons), set(state.sessions), set(state.apart), set(state.measures)) == (
        {"a"}, {"s"}, {"na"}, {"q-a"},
    )  # fmt: skip
    for event in (off, quarantine("mon 09:00", "lift", "a")):
        given = hear(event)
        assert given is not None
        decide(state, CLOSED, given, event.event_time)
    assert state.sessions == {}
    assert state.measures["q-a"].ends == when("mon 09:00")
    officer = person("o", at=MONDAY, role="officer")
    assert hear(officer) is None
