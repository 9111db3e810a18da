"""Measures against an epidemic: who is in quarantine, what breaks out of it, and what they leave alone."""

from __future__ import annotations

from math import inf, isnan
from typing import Any, get_args

import numpy as np
import pytest

from infra.appointments.plan import load_plans
from infra.appointments.words import Measures
from ingestion.contracts import EpidemicMeasure, Event, MedicalEvent, PersonContext, VisitEvent
from streaming_jobs.catalogue import load_catalogue
from streaming_jobs.features.domains.epidemic import DOMAIN
from streaming_jobs.features.registry import COLUMNS, DOMAIN_OF
from streaming_jobs.features.sheet import pair_key
from tests.support.cells import Watch
from tests.support.wing import Told, event, look

RIGHTS = ("cel-16", "cel-18", "int-10")


def measure(at: float, kind: Any = "quarantine", action: Any = "impose", name: str = "m-1", **more: Any) -> Event:
    return event(EpidemicMeasure, at, "measures-desk", measure=name, kind=kind, action=action, by="o-9", **more)


def person(at: float = 0, subject: str = "a", block: str = "A", cell: str = "A1", **facts: Any) -> Event:
    return event(PersonContext, at, "register", subject=subject, role="detainee", block=block, cell=cell, **facts)


def temperature(at: float, subject: str = "a", celsius: float = 36.5) -> Event:
    return event(MedicalEvent, at, "med", duty="temperature", action="done", subject=subject, temperature=celsius)


def visit(at: float, action: Any, kind: Any = "family", name: str = "v-1", **more: Any) -> Event:
    fields = {"subject": "a", "zone": "CTL", "kind": kind, **more}
    return event(VisitEvent, at, "visits", appointment=name, action=action, **fields)


def quarantined(events: list[Event], *seconds: int, who: str = "a", restart: int = 0) -> list[float]:
    told = Told(events, max(seconds) + 5, restart=restart)
    return [told("subject.quarantined", second, who) for second in seconds]


@pytest.mark.parametrize("restart", range(5))
def test_a_quarantine_is_in_force_from_its_begin_to_its_end_also_over_a_restart(restart: int) -> None:
    events = [person(), measure(5, starts_at=20, ends_at=40, block="A"), person(6, "b", "W", "W1")]
    assert quarantined(events, 4, 19, 20, 39, 40, restart=restart) == [0, 0, 1, 1, 0]
    assert quarantined(events, 20, who="b") == [0]


def test_a_measure_without_times_holds_from_its_event_until_it_is_lifted() -> None:
    events = [person(), measure(5), measure(30, action="lift")]
    assert quarantined(events, 4, 5, 29, 30) == [0, 1, 1, 0]
    announced = [person(), measure(5), measure(10, action="lift", ends_at=30)]
    assert quarantined(announced, 29, 30) == [1, 0]
    never_longer = [person(), measure(5, ends_at=20), measure(10, action="lift", ends_at=30)]
    assert quarantined(never_longer, 19, 20) == [1, 0]
    of_another = [person(), measure(5), measure(10, action="lift", name="m-2")]
    assert quarantined(of_another, 20) == [1]


def test_a_later_event_of_the_same_measure_replaces_it_and_two_measures_hold_side_by_side() -> None:
    corrected = [person(), measure(5, block="A", ends_at=20), measure(10, block="W", ends_at=50)]
    assert quarantined(corrected, 9, 10) == [1, 0]
    two = [person(), measure(5, block="A", ends_at=20), measure(6, name="m-2", subject="a", ends_at=50)]
    assert quarantined(two, 19, 30, 50) == [1, 1, 0]
    other_kinds = [person(), measure(5, "visit_stop"), measure(6, "fever_cluster", name="m-2")]
    assert quarantined(other_kinds, 10) == [0]


def test_a_measure_for_one_person_ends_when_the_person_leaves_and_the_blocks_goes_on() -> None:
    leaves = [person(10, present=False), person(20)]
    assert quarantined([person(), measure(5, subject="a"), *leaves], 9, 25) == [1, 0]
    assert quarantined([person(), measure(5, block="A"), *leaves], 9, 25) == [1, 1]
    moved = [person(), measure(5, block="A"), person(10, block="W", cell="W1")]
    assert quarantined(moved, 9, 10) == [1, 0]


def test_a_temperature_is_waited_for_since_the_quarantine_or_the_last_one() -> None:
    events = [person(), temperature(2), measure(10, block="A"), temperature(30), measure(60, action="lift")]
    told = Told(events, 70)
    assert [told("subject.temperature_wait_s", at, "a") for at in (9, 10, 25, 30, 45, 60)] == [0, 0, 15, 0, 15, 0]
    come_later = Told([measure(0, block="A"), person(40)], 60)
    assert come_later("subject.temperature_wait_s", 50, "a") == 10


def test_the_wait_goes_on_over_a_silence_and_the_next_temperature_ends_it() -> None:
    watch = Watch().see(0, [person(), measure(0, block="A")]).see(60_000)
    assert watch("subject.temperature_wait_s", "a") == 60_000
    assert watch.see(60_001, [temperature(60_001)])("subject.temperature_wait_s", "a") == 0


def breach(measures: list[Event], one: tuple[str, str], other: tuple[str, str], *people: Event) -> float:
    """The pair's feature, both in the corridor of block A: (pseudonym, role) each."""
    scene = [*people, *measures, *look(5, 8, C_A=[(*one, "active"), (*other, "active")])]
    return Told(scene, 10)("pair.quarantine_breach", 6, pair_key(one[0], other[0]))


A, B, W = person(0, "a"), person(0, "b", cell="A2"), person(0, "w", "W", "W1")
D = "detainee"


@pytest.mark.parametrize(
    ("measures", "other", "expected"),
    [
        ([measure(1, block="A")], ("b", D), 0),  # together in the block's quarantine
        ([measure(1, block="A")], ("w", D), 1),
        ([measure(1, block="W")], ("w", D), 1),
        ([measure(1)], ("w", D), 0),  # the whole facility
        ([measure(1), measure(1, block="W", name="m-2")], ("w", D), 1),  # and W for itself
        ([measure(1, block="A"), measure(1, block="W", name="m-2")], ("w", D), 1),
        ([measure(1, subject="a")], ("b", D), 1),
        ([measure(1, subject="a"), measure(1, subject="b", name="m-2")], ("b", D), 1),  # cells of their own
        ([measure(1, subject="a"), measure(1, subject="c", name="m-2")], ("c", D), 0),  # one cell
        ([measure(1, block="A")], ("x", "worker"), 1),
        ([measure(1, block="A")], ("x", "officer"), 0),
        ([measure(1, block="A")], ("x", "medical"), 0),
        ([measure(1, block="A")], ("x", "lawyer"), 0),
        ([measure(1, block="A")], ("x", "visitor"), 0),
        ([measure(1, "visit_stop"), measure(1, "fever_cluster", name="m-2")], ("w", D), 0),
        ([], ("w", D), 0),
    ],
)
def test_contact_out_of_a_quarantine_is_with_whoever_is_not_in_the_same_one(
    measures: list[Event], other: tuple[str, str], expected: float
) -> None:
    assert breach(measures, ("a", D), other, A, B, W, person(0, "c")) == expected


def test_of_an_unknown_role_or_a_detainee_whom_the_register_does_not_know_nobody_can_say() -> None:
    for role in ("unknown", D):
        assert isnan(breach([measure(1, block="A")], ("a", D), ("x", role), A))
        assert breach([measure(1, block="W")], ("a", D), ("x", role), A) == 0


def test_an_escort_excuses_blocks_that_meet_but_not_a_way_out_of_a_quarantine() -> None:
    together = [("a", D, "active"), ("w", D, "active"), ("o", "officer", "active")]
    scene = [A, W, *look(0, 30, C_A=together)]
    free, kept = Told(scene, 30), Told([A, W, measure(0, block="A"), *look(0, 30, C_A=together)], 30)
    assert (free.alerts("cel-12"), free.alerts("cel-12b")) == ([], [])
    assert (kept.alerts("cel-12"), kept.alerts("cel-12b")) == ([], [("raised", "C-A", 5)])


@pytest.mark.parametrize("kind", ["quarantine", "fever_cluster", "visit_stop"])
@pytest.mark.parametrize("place", [{}, {"block": "A"}, {"subject": "a"}])
def test_a_family_visit_in_person_under_any_measure_for_the_person_is_seen(kind: Any, place: dict[str, str]) -> None:
    told = Told([A, visit(5, "open"), measure(20, kind, ends_at=50, **place), visit(60, "close")], 70)
    assert [told("zone.visit_against_measure", at, "CTL") for at in (19, 20, 49, 50)] == [0, 1, 1, 0]
    assert told.alerts("int-11b") == [("raised", "CTL", 30), ("cleared", "CTL", 30)]


@pytest.mark.parametrize(
    "events",
    [
        [measure(1, block="W"), visit(5, "open")],
        [measure(1, subject="w"), visit(5, "open")],
        [measure(1), visit(5, "open", "lawyer")],
        [measure(1), visit(5, "open", "consular")],
        [measure(1), visit(5, "open", screen=True)],
        [measure(1), visit(4, "book", screen=True, starts_at=5), visit(5, "open")],  # the gate says no more than: open
        [measure(1), visit(5, "book")],
        [measure(1), visit(4, "open"), visit(6, "close")],
    ],
)
def test_other_blocks_screens_lawyers_consuls_and_visits_not_begun_are_not_against_a_measure(
    events: list[Event],
) -> None:
    assert Told([A, W, *events], 20)("zone.visit_against_measure", 10, "CTL") == 0


def test_a_visit_booked_anew_in_a_room_is_no_longer_by_screen() -> None:
    events = [measure(1), visit(2, "book", screen=True), visit(3, "book"), visit(5, "open")]
    assert Told([A, *events], 20)("zone.visit_against_measure", 10, "CTL") == 1


def test_no_measure_lets_families_meet_in_person_at_the_desk_either() -> None:
    plan = load_plans(None, 48 * 3600)["*"]
    assert [kind for kind in get_args(Measures) if "family" in plan.measures[kind]] == []


def test_a_cluster_declared_for_the_block_is_not_raised_anew_and_other_blocks_are_judged_as_before() -> None:
    people = [person(0, f"{block}{n}", block, f"{block}1") for block in "AW" for n in range(3)]
    fevers = [temperature(10, f"{block}{n}", 38.2) for block in "AW" for n in range(3)]

    def raised(*measures: Event) -> list[tuple[str, str, float]]:
        return sorted(row for row in Told([*people, *measures, *fevers], 40).alerts("hlt-05") if row[0] == "raised")

    both = [("raised", "C-A", 10.0), ("raised", "C-W", 10.0)]
    assert raised() == both
    assert raised(measure(1, "fever_cluster", block="A")) == both[1:]
    assert raised(measure(1, "fever_cluster")) == both  # the whole facility: which block is news
    assert raised(measure(1, "fever_cluster", subject="A0")) == both
    assert raised(measure(1, "quarantine", block="A")) == both
    assert raised(measure(1, "fever_cluster", block="A", ends_at=5)) == both
    assert raised(measure(1, "fever_cluster", block="A", starts_at=-15 * 86_400)) == both


def test_a_declaration_s_age_is_the_youngest_of_those_that_name_the_block() -> None:
    events = [
        measure(0, "fever_cluster", block="A", starts_at=-100, ends_at=30),
        measure(5, "fever_cluster", block="A", name="m-2", ends_at=20),
    ]
    told = Told(events, 40)
    assert [told("zone.cluster_declared_s", at, "C-A") for at in (4, 10, 25, 30)] == [104, 5, 125, inf]
    assert told("zone.cluster_declared_s", 10, "A1") == inf


def test_no_measure_changes_a_feature_of_another_domain_so_rights_stay_as_they_are() -> None:
    """The hour outside, solitary confinement and the wait for a lawyer are counted in a quarantine as without one."""
    scene = [
        A, B, visit(1, "request", "lawyer", zone=None),
        *look(2, 12, A1=[("a", D, "inactive")], YARD=[("b", D, "walking")]),
    ]  # fmt: skip
    measures = [measure(0), measure(0, block="A", name="m-2"), measure(0, "visit_stop", name="m-3", subject="a")]
    free, kept = Told(scene, 20), Told([*measures, *scene], 20)
    for second in range(1, 15):
        for grain, columns in COLUMNS.items():
            others = [n for name, n in columns.items() if DOMAIN_OF[name] != DOMAIN.name]
            one, other = (told.rows(grain, second) for told in (free, kept))
            assert one.keys == other.keys
            np.testing.assert_array_equal(one.values[:, others], other.values[:, others])
    assert kept("subject.lawyer_waiting_s", 15, "a") == 14


@pytest.mark.parametrize("rule", RIGHTS)
def test_a_rule_about_a_right_asks_for_no_measure(rule: str) -> None:
    assert [p.feature for p in load_catalogue()[rule].predicates if DOMAIN_OF[p.feature] == DOMAIN.name] == []
