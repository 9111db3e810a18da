"""Medical duties due and done, and fever."""

from __future__ import annotations

from ingestion.contracts import MedicalEvent, PersonContext
from streaming_jobs.features.domains.medical import DOMAIN, State
from tests.support.scene import T0
from tests.support.wing import Told, event


def med(at: float, duty: str, action: str, subject: str | None = "p-1", **more: object) -> MedicalEvent:
    return event(MedicalEvent, at, "clinic", subject=subject, duty=duty, action=action, **more)


def person(at: float = 0, subject: str = "p-1", **more: object) -> PersonContext:
    return event(PersonContext, at, "register", subject=subject, **more)


def test_a_medication_is_overdue_from_its_time_until_it_is_given_or_refused() -> None:
    told = Told([person(), med(1, "medication", "due", due_at=20), med(40, "medication", "done")], 60)
    assert [told("subject.medication_overdue_s", at, "p-1") for at in (19, 20, 39, 40)] == [0, 0, 19, 0]
    refused = Told([person(), med(1, "medication", "due", due_at=20), med(40, "medication", "refused")], 60)
    assert refused("subject.medication_overdue_s", 45, "p-1") == 0


def test_what_is_given_early_is_not_overdue_later_but_the_evening_s_dose_still_is() -> None:
    events = [
        med(1, "medication", "due", due_at=60),
        med(2, "medication", "due", due_at=9000),
        med(10, "medication", "done"),
    ]
    told = Told([person(), *events], 100)
    assert told("subject.medication_overdue_s", 90, "p-1") == 0
    state = State()  # the handler alone, since hours of seconds take long
    for at in events:
        DOMAIN.handles["MedicalEvent"](state, None, at.event_time // 1000, at)  # type: ignore[arg-type]
    assert [d.due_s for d in state.due["medication"]["p-1"]] == [T0 // 1000 + 9000]


def test_the_oldest_of_several_counts_and_an_order_s_time_can_be_corrected() -> None:
    events = [
        med(1, "medication", "due", due_at=20, order="m-1"),
        med(2, "medication", "due", due_at=40, order="m-2"),
        med(50, "medication", "due", due_at=70, order="m-1"),
        med(60, "medication", "done", order="m-2"),
    ]
    told = Told([person(), *events], 100)
    assert [told("subject.medication_overdue_s", at, "p-1") for at in (49, 50, 60, 80)] == [29, 10, 0, 10]


def test_a_consultation_waits_for_its_answer() -> None:
    told = Told([person(), med(5, "remote_consultation", "asked"), med(30, "remote_consultation", "answered")], 40)
    assert [told("subject.consultation_overdue_s", at, "p-1") for at in (4, 20, 30)] == [0, 15, 0]


def test_an_admission_waits_for_its_examination_unless_it_was_before_the_platform() -> None:
    events = [person(20, admitted_at=10), person(21, "p-2", admitted_at=-9000)]
    told = Told([*events, med(50, "admission_examination", "done")], 80)
    assert [told("subject.admission_wait_s", at, "p-1") for at in (20, 49, 50)] == [10, 39, 0]
    assert told("subject.admission_wait_s", 60, "p-2") == 0


def test_a_context_that_comes_after_the_examination_does_not_ask_for_another() -> None:
    told = Told([med(15, "admission_examination", "done"), person(20, admitted_at=10)], 40)
    assert told("subject.admission_wait_s", 30, "p-1") == 0


def test_who_has_left_waits_for_nothing() -> None:
    told = Told([person(), med(1, "medication", "due", due_at=5), person(20, present=False), person(25)], 40)
    assert told("subject.medication_overdue_s", 30, "p-1") == 0


def test_a_round_belongs_to_its_zone() -> None:
    events = [
        med(1, "round", "due", None, zone="C-A", due_at=20),
        med(2, "round", "due", None, zone="C-W", due_at=20),
        med(30, "round", "done", None, zone="C-A"),
    ]
    told = Told(events, 700)
    assert [told("zone.medical_round_overdue_s", at, "C-A") for at in (25, 30)] == [5, 0]
    assert told("zone.medical_round_overdue_s", 40, "C-W") == 20
    assert told.alerts("hlt-04b") == [("raised", "C-W", 621)]


def test_people_with_fever_are_counted_once_each_at_their_block_s_corridor() -> None:
    def took(at: float, who: str, celsius: float) -> MedicalEvent:
        return med(at, "temperature", "done", who, temperature=celsius)

    people = [person(0, f"p-{n}", block="A") for n in range(3)]
    events = [took(5, "p-0", 37.3), took(6, "p-0", 38.0), took(7, "p-1", 37.2), took(8, "p-2", 37.9)]
    told = Told([*people, *events], 40)
    assert told("zone.fevers", 20, "C-A") == 2
    assert told("zone.fevers", 20, "A1") == told("zone.fevers", 20, "C-W") == 0


def test_somebody_who_is_not_registered_counts_where_the_temperature_was_taken() -> None:
    told = Told([med(5, "temperature", "done", "new", temperature=38.5, zone="W1")], 20)
    assert told("zone.fevers", 10, "C-W") == 1


def test_a_restart_keeps_what_is_due() -> None:
    told = Told([person(), med(1, "medication", "due", due_at=5), person(20, "p-9")], 400, restart=3)
    assert told.alerts("hlt-04") == [("raised", "", 306)]
