"""Risk in the stream: within the second of an event, the same on any replay, correctable, expiring."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.contracts import (
    Complaint,
    DutyShift,
    Event,
    InterrogationSession,
    MedicalEvent,
    NonAssociation,
    PsychologicalAssessment,
    RestraintOrder,
    RiskCorrection,
    RuleChange,
    TerminalEvent,
    VisitEvent,
)
from streaming_jobs.catalogue import definition_of, load_code_rules, load_scorecard, load_scorecards
from streaming_jobs.features.world import Person
from streaming_jobs.fold.admit import DECODER
from streaming_jobs.fold.facility import Outputs
from streaming_jobs.fold.people import People
from streaming_jobs.risk.scored import Cards
from tests.support.scene import FACILITY, T0, camera_state, end, fold_all, in_order, person, quiet, received, site_plan
from tests.unit.test_fold import a_fight

S = 1000
DAY = 86_400
KNOWN: dict[str, Any] = {"case_class": "other", "first_custody": False, "admitted_at": T0 - 30 * DAY * S}


def at(second: int, contract: type[Event], **fields: Any) -> Event:
    return contract(facility=FACILITY, event_time=T0 + second * S, device="desk", **fields)


def assessed(second: int, result: str, who: str = "p-1") -> Event:
    return at(second, PsychologicalAssessment, assessment="a", subject=who, method="interview", result=result,
              assessor="m-1")  # fmt: skip


def the_fold(*events: Event, until: int = 60, cuts: tuple[int, ...] = ()) -> Outputs:
    """The fold over some events of person p-1, who is assessed as low, and silence around them."""
    first = [site_plan(), person("p-1", **KNOWN), assessed(0, "low")]
    return fold_all(received([*first, *in_order(events), end(T0 + until * S)], at=T0 + 40 * DAY * S), cuts)


def of_person(out: Outputs, mode: str = "active") -> list[dict[str, Any]]:
    return [r for r in out.risk if r["grain"] == "person" and r["mode"] == mode]


def points(row: dict[str, Any]) -> dict[str, float]:
    return {c["factor"]: c["points"] for c in json.loads(row["contributions"])}


@pytest.mark.parametrize(
    ("event", "gained"),
    [
        (assessed(20, "high"), {"assessed_high": 28}),
        (at(20, Complaint, complaint="k", subject="p-1", about="treatment", action="filed"),
         {"complains_of_treatment": 8}),
        (at(20, InterrogationSession, zone="IR1", session="s", action="open", subject="p-1", approved_at_night=True),
         {"interrogated": 4, "interrogated_at_night": 6}),
        (at(20, VisitEvent, appointment="v", subject="p-1", kind="lawyer", action="no_show"), {"visit_missed": 6}),
        (at(20, MedicalEvent, subject="p-1", duty="temperature", action="done", temperature=38.2), {"fever": 10}),
        (at(20, MedicalEvent, subject="p-1", duty="medication", action="refused"), {"medication_refused": 8}),
        (at(20, RestraintOrder, order="r", subject="p-1", action="apply", restraint="handcuffs"), {"restrained": 8}),
        (at(20, NonAssociation, order="n", subject="p-9", other="p-1", action="impose", reason="conflict"),
         {"conflict": 8}),
        (person("p-1", T0 + 20 * S, **{**KNOWN, "health_flags": ["self_harm_history"]}), {"self_harm_history": 25}),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Event) else "",
)  # fmt: skip
def test_a_score_follows_in_the_second_of_the_event(event: Event, gained: dict[str, float]) -> None:
    rows = of_person(the_fold(event))
    assert [(row["at"] - T0) // S for row in rows] == [0, 20]
    assert points(rows[0]) == {}
    assert points(rows[1]) == gained
    assert rows[1]["score"] == sum(gained.values())


def test_what_is_of_no_account_changes_no_score() -> None:
    calm = at(20, MedicalEvent, subject="p-1", duty="temperature", action="done", temperature=36.6)
    officer = person("o-1", T0 + 20 * S, role="officer")
    out = the_fold(calm, officer, at(30, VisitEvent, appointment="v", subject="p-1", kind="lawyer", action="book"))
    assert {row["score"] for row in of_person(out)} == {0}
    assert {row["subject"] for row in of_person(out)} == {"p-1"}


EPOCH = date(1970, 1, 1).toordinal()


def over_days(events: list[Event], seconds: int, cuts: Collection[int] = ()) -> list[dict[str, Any]]:
    """Rows about persons, without the rules: every second of days, the state through bytes at some of them."""
    people, cards = People(load_code_rules()), Cards(load_scorecards()[1:])
    persons: dict[str, Person] = {}
    rows = []
    waiting: dict[int, list[Any]] = {e.event_time // S: [] for e in events}
    for event in events:
        waiting[event.event_time // S].append(DECODER.decode(event.model_dump_json()))
    for second in range(T0 // S, T0 // S + seconds):
        now = waiting.get(second, [])
        for event in now:
            if type(event).__name__ == "PersonContext":
                persons[event.subject] = Person(event.role, "", "")
        if second - T0 // S in cuts:
            saved, people = people.saved(), People(load_code_rules())
            people.restore(saved)
        on = date.fromordinal(EPOCH + (second + 8 * 3600) // DAY)
        rows += people.risks.update(FACILITY, persons, cards, now, [], second, on)
    return rows


KNOWN_TWO: list[Event] = [person("p-1", **KNOWN), person("p-2", **KNOWN), assessed(0, "low"), assessed(0, "low", "p-2")]


def test_a_complaint_that_waits_counts_until_it_is_answered() -> None:
    k = {"complaint": "k", "subject": "p-1", "about": "food"}
    filed, answered = at(10, Complaint, action="filed", **k), at(9 * DAY, Complaint, action="answered", **k)
    rows = [r for r in over_days([*KNOWN_TWO, filed, answered], 9 * DAY + 60) if r["subject"] == "p-1"]
    waits = [(row["at"] - T0) / S / DAY for row in rows if "complaint_waits" in points(row)]
    assert 7 <= min(waits) < 8.1
    assert max(waits) < 9
    assert points(rows[-1]) == {}


def test_somebody_about_whom_nothing_is_heard_is_scored_again_before_the_score_expires() -> None:
    rows = [r for r in over_days(KNOWN_TWO, 2 * DAY) if r["subject"] == "p-1"]
    for before, after in itertools.pairwise(rows):
        assert after["at"] <= before["expires"]
    assert rows[-1]["expires"] > T0 + 2 * DAY * S
    assert {row["changed_en"] for row in rows[1:]} == {"no score 24 hours ago", "the same as 24 hours ago"}


def test_who_has_left_is_scored_no_more() -> None:
    gone = person("p-1", T0 + 20 * S, present=False)
    assert len(of_person(the_fold(gone, assessed(30, "high")))) == 1


# -- corrections -----------------------------------------------------------------------------------


def fever(second: int) -> Event:
    return at(second, MedicalEvent, subject="p-1", duty="temperature", action="done", temperature=38.2)


def test_a_happening_that_is_struck_counts_no_more_and_the_row_before_stays() -> None:
    struck = at(
        40, RiskCorrection, correction="c", subject="p-1", input="fever", happened_at=T0 + 20 * S, by="m-1",
        ground="entered_wrongly",
    )  # fmt: skip
    rows = of_person(the_fold(fever(20), struck))
    assert [points(row) for row in rows] == [{}, {"fever": 10}, {}]


def test_an_alert_that_is_answered_as_false_is_struck_from_the_records_of_those_it_was_about() -> None:
    fight = [person("p-1", **KNOWN), person("p-2", **KNOWN), *quiet(T0, 60), *a_fight(T0 + 5 * S)]
    first = fold_all(received([site_plan(), *in_order(fight), end(T0 + 90 * S)]))
    alert = next(a for a in first.alert if a["rule"] == "cel-01")
    answer = at(80, TerminalEvent, action="false_alarm", post="P", officer="o-1", alert=alert["alert_id"])
    out = fold_all(received([site_plan(), *in_order([*fight, answer]), end(T0 + 90 * S)]))
    last = {row["subject"]: points(row) for row in of_person(out)}
    before = {row["subject"]: points(row) for row in of_person(out) if row["at"] < T0 + 80 * S}
    for who in ("p-1", "p-2"):
        assert before[who]["fighting"] == 30
        assert "fighting" not in last[who]


# -- replay ----------------------------------------------------------------------------------------

ACTS = st.lists(
    st.tuples(
        st.integers(1, 2 * DAY),
        st.sampled_from(
            ["low", "moderate", "high", "fever", "filed", "answered", "night", "family", "restraint", "facts"]
        ),
        st.sampled_from(["p-1", "p-2"]),
    ),
    max_size=12,
    unique_by=lambda act: act[0],
)


def act(second: int, what: str, who: str) -> Event:
    if what in ("low", "moderate", "high"):
        return assessed(second, what, who)
    if what in ("filed", "answered"):
        return at(second, Complaint, complaint=f"k-{who}", subject=who, about="treatment", action=what)
    if what == "night":
        return at(
            second, InterrogationSession, zone="IR1", session="s", action="open", subject=who, approved_at_night=True
        )
    if what == "family":
        return at(second, VisitEvent, appointment="v", subject=who, kind="family", action="close")
    if what == "restraint":
        return at(second, RestraintOrder, order="r", subject=who, action="apply", restraint="belt")
    if what == "facts":
        return person(who, T0 + second * S, **{**KNOWN, "health_flags": ["withdrawal"]})
    return at(second, MedicalEvent, subject=who, duty="temperature", action="done", temperature=38.2)


@settings(max_examples=6, deadline=None)
@given(ACTS, st.integers(0, 2 * DAY), st.lists(st.integers(0, 2 * DAY), max_size=4))
def test_a_replay_to_any_moment_gives_the_recorded_scores_bit_for_bit(
    acts: list[tuple[int, str, str]], moment: int, cuts: list[int]
) -> None:
    """The rows up to a moment follow from the events up to it, with any restarts; later ones change nothing."""
    events = [*KNOWN_TWO, *in_order(act(*one) for one in acts)]
    whole = over_days(events, 2 * DAY)
    replayed = over_days([e for e in events if e.event_time <= T0 + moment * S], moment + 1, cuts)
    assert replayed == [row for row in whole if row["at"] <= T0 + moment * S]


# -- a new version in shadow -----------------------------------------------------------------------


def change(second: int, action: str, definition: str = "", mode: str = "shadow") -> Event:
    return at(
        second, RuleChange, change=f"c-{second}", action=action, rule="person-risk", mode=mode, by="e-1",
        definition=definition, reason="the spring review",
    )  # fmt: skip


def next_card() -> str:
    card = load_scorecard()
    factors = [
        f.model_copy(update={"weights": [w.model_copy(update={"points": 20.0}) for w in f.weights]})
        if f.factor == "fever"
        else f
        for f in card.factors
    ]
    return definition_of(card.model_copy(update={"version": card.version + 1, "factors": factors}))


def test_a_new_scorecard_runs_in_shadow_beside_the_one_in_force_and_takes_its_place_when_activated() -> None:
    version = load_scorecard().version
    out = the_fold(*quiet(T0, 60), change(5, "deploy", next_card()), fever(20), change(40, "activate"), fever(50))
    seen = [((row["at"] - T0) // S, row["mode"], row["scorecard"], points(row).get("fever", 0)) for row in out.risk
            if row["grain"] == "person"]  # fmt: skip
    assert seen == [
        (0, "active", f"person-risk v{version}", 0),
        (20, "active", f"person-risk v{version}", 10),
        (20, "shadow", f"person-risk v{version + 1}", 20),
        (50, "active", f"person-risk v{version + 1}", 20),  # the most that fever may count
    ]
    status = [(r["rule_version"], r["mode"]) for r in out.rule_status if r["rule"] == "person-risk"]
    assert status == [(version, "active"), (version, "active"), (version + 1, "shadow"), (version, "retired"),
                      (version + 1, "active")]  # fmt: skip


def test_a_deployed_scorecard_with_a_forbidden_input_goes_to_quarantine_with_the_field() -> None:
    out = the_fold(change(5, "deploy", next_card().replace('"input":"fever"', '"input":"religion"')))
    (refused,) = out.quarantine
    assert refused["reason"] == "contract"
    assert "definition.factors" in refused["detail"]
    assert "input 'religion' is forbidden" in refused["detail"]


# -- the facility ----------------------------------------------------------------------------------


def of_facility(out: Outputs) -> list[dict[str, Any]]:
    return [r for r in out.risk if r["grain"] == "facility"]


def test_a_facility_s_score_shows_blind_cameras_staffing_and_open_alerts_and_falls_when_they_are_mended() -> None:
    roster = at(1, DutyShift, shift="d", post="P", officer="o-1", action="plan", zone="A1", starts_at=T0,
                ends_at=T0 + 8 * 3600 * S)  # fmt: skip
    people = [person(f"p-{n}", T0 + S, **KNOWN) for n in range(2, 25)]
    seeing = quiet(T0, 400)
    events = [roster, *people, *seeing, camera_state(T0 + 100 * S, "dark"), camera_state(T0 + 300 * S, "ok")]
    rows = of_facility(the_fold(*events, until=400))
    named = {(row["at"] - T0) // S: points(row) for row in rows}
    assert named[0] == {"unknown_detainees_per_officer": 4, "unknown_load": 2}
    assert named[10] == {"very_thin_staffing": 16, "unknown_load": 2}
    assert any(found.get("many_blind_cameras") == 18 for second, found in named.items() if 100 <= second < 300)
    assert "many_blind_cameras" not in list(named.values())[-1]
    assert {row["subject"] for row in rows} == {FACILITY}
