"""Appointments: who gets which room when, what stands against it, and what happens when circumstances change."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from infra.appointments.notices import BRINGERS, VISITORS, notices
from infra.appointments.plan import DEFAULT, load_plans
from infra.appointments.words import Apart, Cancel, Gate, Lift, Measure, Outcome, Person, Request, Session, Tick
from infra.settings import UserError
from tests.support.visiting import HOUR, Desk, told, when

MORNING = ("tue 09:00", "tue 11:00")


def test_a_lawyer_gets_the_first_free_time_and_the_next_one_the_time_after() -> None:
    desk = Desk()
    assert desk.ask("mon 08:00", "1", "lawyer", "a") == ["requested", "confirmed"]
    assert desk.ask("mon 08:00", "2", "lawyer", "b", screen=False) == ["requested", "confirmed"]
    assert (desk.place("1"), desk.place("2")) == (("L1", "mon 09:00"), ("L1", "mon 10:00"))


def test_a_wish_is_met_or_a_lawyer_is_given_another_time_within_the_48_hours() -> None:
    desk = Desk()
    desk.ask("mon 12:00", "1", "lawyer", "a", MORNING, screen=False)
    desk.ask("mon 12:00", "2", "lawyer", "b", MORNING, screen=False)
    assert (desk.place("1"), desk.place("2")) == (("L1", "tue 09:00"), ("L1", "tue 10:00"))
    assert desk.ask("mon 12:00", "3", "lawyer", "c", MORNING, screen=False) == ["requested", "confirmed outside_wishes"]
    assert desk.place("3") == ("L1", "wed 09:00")


def test_a_lawyer_without_a_room_in_48_hours_is_escalated_and_placed_when_one_falls_free() -> None:
    desk = Desk()
    for n, (day, hour) in enumerate((("mon", 9), ("mon", 10), ("tue", 9), ("tue", 10))):
        desk.ask("mon 08:00", f"c{n}", "consular", "abca"[n], (f"{day} {hour}:00", f"{day} {hour + 1}:00"))
    assert desk.ask("mon 08:00", "1", "lawyer", "b", screen=False) == ["requested", "escalated room_taken"]
    assert told(desk.say("mon 08:10", Tick())) == []  # it is said once
    assert told(desk.say("mon 08:15", Cancel("c3", "visitor_withdrew"))) == ["cancelled visitor_withdrew", "confirmed"]
    assert desk.place("1") == ("L1", "tue 10:00")


def test_after_48_hours_a_lawyer_gets_the_first_time_there_is_and_it_is_said_to_be_late() -> None:
    desk = Desk(closed=["2026-12-01", "2026-12-02"])
    assert desk.ask("mon 12:00", "1", "lawyer", "a") == ["requested", "escalated closed_hours"]
    assert told(desk.say("wed 11:00", Tick())) == []
    assert told(desk.say("wed 12:00", Tick())) == ["confirmed after_due"]
    assert desk.place("1") == ("L1", "thu 09:00")


def test_a_family_is_refused_with_the_reason_when_its_times_are_taken() -> None:
    desk = Desk()
    desk.ask("mon 12:00", "1", "family", "a", ("tue 09:00", "tue 09:30"))
    late = desk.ask("mon 12:00", "2", "family", "b", ("tue 09:00", "tue 09:30"), screen=False)
    assert late == ["requested", "refused room_taken"]
    assert desk.ask("mon 12:00", "3", "family", "b", ("sat 09:00", "sat 11:00")) == [
        "requested",
        "refused closed_hours",
    ]
    # The screen is free, but the one officer who accompanies is not.
    assert desk.ask("mon 12:00", "4", "family", "c", ("tue 09:00", "tue 09:30")) == ["requested", "refused room_taken"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"visitors": 9}, "too_many_visitors"),
        ({"wishes": (("mon 09:00", "mon 10:00"),)}, "wrong_times"),
        ({"wishes": (("tue 10:00", "tue 09:00"),)}, "wrong_times"),
        ({"wishes": (("mon+2 09:00", "mon+2 10:00"),)}, "wrong_times"),
        ({"subject": "x"}, "not_held"),
    ],
)
def test_what_cannot_be_asked_for_is_said_at_once_and_changes_nothing(more: dict[str, object], reason: str) -> None:
    desk = Desk()
    wishes = more.pop("wishes", ())
    subject = str(more.pop("subject", "a"))
    assert desk.ask("mon 12:00", "1", "lawyer", subject, *wishes, **more) == [f"refused {reason}"]  # type: ignore[misc]
    assert desk.state.appointments == {}


def test_the_same_request_twice_is_one_and_another_under_its_id_is_refused() -> None:
    desk = Desk()
    desk.ask("mon 08:00", "1", "lawyer", "a")
    assert desk.ask("mon 08:05", "1", "lawyer", "a") == []
    assert desk.ask("mon 08:05", "1", "lawyer", "b") == ["refused known_already"]


def test_nobody_is_in_two_meetings_or_in_a_meeting_and_an_interrogation() -> None:
    desk = Desk()
    desk.say("mon 08:00", Session("s", "IR", "a", ("o-9",), when("tue 09:00"), when("tue 09:45")))
    desk.ask("mon 12:00", "1", "lawyer", "a", MORNING)
    assert desk.place("1") == ("L1", "tue 10:00")
    desk.ask("mon 12:00", "2", "family", "a", MORNING)
    assert desk.status("2") == "refused"  # interrogated, then with the lawyer
    assert desk.ask("mon 12:00", "3", "family", "a", ("wed 09:00", "wed 11:00")) == ["requested", "confirmed"]


def test_an_interrogation_booked_later_moves_the_meeting_and_one_that_is_cancelled_frees_the_time() -> None:
    desk = Desk()
    desk.ask("mon 12:00", "1", "lawyer", "a", MORNING)
    booked = Session("s", "IR", "a", ("o-9",), when("tue 09:00"), when("tue 10:00"))
    assert told(desk.say("mon 13:00", booked)) == ["moved interrogated"]
    assert desk.place("1") == ("L1", "tue 10:00")
    desk.say("mon 14:00", Lift("sessions", "s", when("mon 14:00")))
    desk.ask("mon 14:00", "2", "family", "a", ("tue 09:00", "tue 09:30"))
    assert desk.place("2") == ("F1", "tue 09:00")


def test_the_officer_who_accompanies_is_not_in_an_interrogation_at_that_time() -> None:
    desk = Desk()
    desk.say("mon 08:00", Session("s", "IR", "c", ("o-1",), when("tue 09:00"), when("tue 10:00")))
    desk.ask("mon 12:00", "1", "family", "a", MORNING)
    assert desk.place("1") == ("F1", "tue 10:00")
    assert desk.ask("mon 12:00", "2", "family", "b", ("tue 09:00", "tue 10:00")) == ["requested", "refused no_escort"]


def test_people_to_be_kept_apart_do_not_wait_together_unless_in_another_area() -> None:
    desk = Desk()
    desk.say("mon 08:00", Apart("na", "a", "b"))
    desk.ask("mon 12:00", "1", "lawyer", "a", MORNING)
    desk.ask("mon 12:00", "2", "family", "b", MORNING, screen=False)
    assert desk.place("2") == ("F1", "tue 10:30")  # 15 minutes after and before: 10:00 to 10:15 would meet
    desk.ask("mon 12:00", "3", "family", "b", ("tue 09:00", "tue 10:00"))
    assert desk.place("3") == ("S1", "tue 09:00")


def test_an_order_to_keep_apart_moves_the_one_whose_claim_is_less() -> None:
    desk = Desk()
    desk.ask("mon 12:00", "1", "family", "b", MORNING, screen=False)
    desk.ask("mon 12:00", "2", "lawyer", "a", ("tue 09:00", "tue 10:00"))
    assert told(desk.say("mon 13:00", Apart("na", "a", "b"))) == ["moved kept_apart"]
    assert (desk.place("1"), desk.place("2")) == (("F1", "tue 10:30"), ("L1", "tue 09:00"))
    desk.say("mon 13:01", Apart("na", "a", "b", when("mon 13:01")))  # lifted
    desk.ask("mon 13:02", "3", "family", "b", ("tue 09:00", "tue 09:30"), screen=False)
    assert desk.status("3") == "confirmed"


def test_a_waiting_area_holds_no_more_visitors_than_it_has_seats_for() -> None:
    desk = Desk()
    desk.ask("mon 12:00", "1", "lawyer", "a", ("tue 09:00", "tue 10:00"), visitors=2)
    full = desk.ask("mon 12:00", "2", "family", "b", ("tue 09:00", "tue 09:30"), visitors=3, screen=False)
    assert full == ["requested", "refused area_full"]


def test_a_stop_of_visits_calls_families_off_or_to_the_screen_and_does_not_touch_lawyers() -> None:
    desk = Desk()
    desk.ask("mon 12:00", "1", "lawyer", "a", MORNING)
    desk.ask("mon 12:00", "2", "family", "b", ("tue 09:00", "tue 09:30"), screen=False)
    desk.ask("mon 12:00", "3", "family", "c", ("tue 10:00", "tue 10:30"))
    stop = Measure("vs", "visit_stop", when("tue 00:00"), when("wed 00:00"))
    assert told(desk.say("mon 13:00", stop)) == ["cancelled visit_stop", "moved visit_stop"]
    assert desk.place("1") == ("L1", "tue 09:00")
    assert desk.place("3") == ("S1", "tue 10:00")
    # It is dated: the day after is not concerned.
    assert desk.ask("mon 13:00", "4", "family", "b", ("wed 09:00", "wed 09:30")) == ["requested", "confirmed"]
    assert desk.place("4") == ("F1", "wed 09:00")


def test_quarantine_of_a_block_moves_lawyers_to_the_screen_and_only_of_that_block() -> None:
    desk = Desk()
    desk.ask("mon 12:00", "1", "lawyer", "a", MORNING)
    desk.ask("mon 12:00", "2", "lawyer", "c", MORNING)
    assert told(desk.say("mon 13:00", Measure("q", "quarantine", when("mon 13:00"), block="B1"))) == [
        "moved quarantine"
    ]
    assert (desk.place("1"), desk.place("2")) == (("S1", "tue 09:00"), ("L1", "tue 10:00"))


def test_a_lawyer_who_wants_no_screen_is_escalated_in_a_quarantine_and_placed_when_it_is_lifted() -> None:
    desk = Desk()
    desk.ask("mon 12:00", "1", "lawyer", "a", MORNING, screen=False)
    quarantine = Measure("q", "quarantine", when("mon 13:00"), subject="a")
    assert told(desk.say("mon 13:00", quarantine)) == ["unplaced quarantine", "escalated quarantine"]
    assert told(desk.say("mon 20:00", Lift("measures", "q", when("mon 20:00")))) == ["confirmed"]
    assert desk.place("1") == ("L1", "tue 09:00")


def test_moving_into_a_quarantined_block_counts_as_much() -> None:
    desk = Desk()
    desk.say("mon 09:00", Measure("q", "quarantine", when("mon 09:00"), block="B1"))
    desk.ask("mon 12:00", "1", "family", "c", MORNING)
    assert told(desk.say("mon 13:00", Person("c", "B1"))) == ["moved quarantine"]
    assert desk.place("1") == ("S1", "tue 09:00")


def test_who_leaves_has_no_more_visits_not_even_a_lawyers_that_is_waited_for() -> None:
    desk = Desk(closed=["2026-12-01", "2026-12-02"])
    desk.ask("mon 12:00", "1", "lawyer", "a")
    desk.ask("mon 12:00", "2", "family", "a", ("thu 09:00", "thu 09:30"))
    assert told(desk.say("mon 13:00", Person("a", present=False))) == ["cancelled left", "cancelled left"]


def test_the_gate_lets_in_from_a_quarter_of_an_hour_before_and_out_again() -> None:
    desk = Desk()
    desk.ask("mon 12:00", "1", "lawyer", "a", MORNING)

    def say(at: str, action: Literal["open", "close", "no_show"]) -> Outcome:
        return desk.say(at, Gate("1", action, when(at)))

    assert say("tue 08:44", "open").refused == "too_early"
    assert say("tue 08:50", "no_show").refused == "too_early"
    assert say("tue 08:50", "close").refused == "still_confirmed"
    assert told(say("tue 08:50", "open")) == ["opened"]
    assert say("tue 08:51", "open").refused == "still_open"
    assert told(say("tue 09:40", "close")) == ["held"]
    assert say("tue 09:41", "close").refused == "over_already"
    assert desk.say("tue 09:41", Gate("7", "open", when("tue 09:41"))).refused == "unknown"


def test_who_does_not_come_is_a_no_show_unless_the_gates_word_was_only_late() -> None:
    desk = Desk()
    desk.ask("mon 12:00", "1", "lawyer", "a", ("tue 09:00", "tue 10:00"))
    desk.ask("mon 12:00", "2", "family", "b", ("tue 09:00", "tue 09:30"))
    assert told(desk.say("tue 09:29", Tick())) == ["called", "called"]
    assert told(desk.say("tue 09:30", Tick())) == ["no_show nobody_came", "no_show nobody_came"]
    late = desk.say("tue 09:50", Gate("1", "open", when("tue 09:05")))
    assert [(step.did, step.reason, step.at) for step in late.steps] == [("opened", "late_word", when("tue 09:05"))]
    assert desk.say("tue 09:50", Gate("2", "open", when("tue 09:31"))).refused == "over_already"
    assert desk.status("2") == "no_show"


def test_a_reminder_is_given_once_a_day_before_and_anew_for_another_time() -> None:
    desk = Desk()
    desk.ask("mon 08:00", "1", "lawyer", "a", ("wed 09:00", "wed 10:00"))
    assert told(desk.say("tue 08:59", Tick())) == []
    assert told(desk.say("tue 09:00", Tick())) == ["reminded"]
    assert told(desk.say("tue 10:00", Tick())) == []
    assert told(desk.say("wed 08:49", Tick())) == []
    assert told(desk.say("wed 08:50", Tick())) == ["called"]  # ten minutes before, by this plan
    assert told(desk.say("wed 08:51", Tick())) == []
    moved = desk.say("wed 08:52", Measure("q", "quarantine", when("wed 08:52"), block="B1"))
    assert told(moved) == ["moved quarantine"]
    assert told(desk.say("wed 09:20", Tick())) == ["called quarantine"]  # why it is elsewhere is still known


def test_posts_are_told_who_is_to_be_brought_where_and_the_visitor_how_it_stands() -> None:
    desk = Desk()
    out = desk.say("mon 08:00", Request("1", "family", "c", "v-1", wishes=((when("wed 09:00"), when("wed 09:30")),)))
    steps = [*out.steps, *desk.say("tue 09:00", Tick()).steps, *desk.say("wed 08:50", Tick()).steps]
    steps += desk.say("wed 08:55", Cancel("1", "visitor_withdrew")).steps
    told_of = [(step.did, one) for step in steps for one in notices(desk.plan, desk.state, step)]
    assert [(did, one.posts) for did, one in told_of] == [
        ("confirmed", VISITORS), ("reminded", BRINGERS), ("reminded", VISITORS), ("called", BRINGERS),
        ("cancelled", BRINGERS), ("cancelled", VISITORS),
    ]  # fmt: skip
    called = told_of[3][1]
    assert (called.zone, called.until) == ("B2", when("wed 09:00")), "the block that brings; nobody after the beginning"
    assert {key: called.body[key] for key in ("subject", "room", "local", "escort")} == {
        "subject": "c", "room": "F1", "local": "2026-12-02 09:00", "escort": "o-1",
    }  # fmt: skip
    assert all("subject" not in one.body and "escort" not in one.body for _, one in told_of if one.posts == VISITORS)


def test_a_meeting_that_is_never_closed_is_over_a_day_later_and_forgotten_after_two() -> None:
    desk = Desk()
    desk.ask("mon 12:00", "1", "lawyer", "a", MORNING)
    desk.say("tue 09:00", Gate("1", "open", when("tue 09:00")))
    assert told(desk.say("wed 10:00", Tick())) == ["held never_closed"]
    desk.say(when("fri 10:00") + HOUR, Tick())
    assert desk.state.appointments == {}


def test_a_room_that_the_plan_gives_up_moves_its_meetings() -> None:
    desk = Desk()
    desk.ask("mon 12:00", "1", "lawyer", "a", MORNING)
    desk.plan = desk.plan.model_copy(update={"rooms": desk.plan.rooms[1:]})
    assert told(desk.say("mon 13:00", Tick())) == ["moved no_such_room"]
    assert desk.place("1") == ("S1", "tue 09:00")


def test_the_shipped_plan_loads_and_takes_the_time_of_the_law_from_its_rule() -> None:
    assert load_plans(None, 172_800)["*"].arrange_ms == 48 * HOUR


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("area: hall, contact: true", "area: yard, contact: true", r"\*: .*no area 'yard'"),
        ("escorts: [escort-1, escort-2]", "escorts: []", "no escorts are named"),
        ('opens: "14:00"', 'opens: "17:00"', "before they open"),
        ("zone: M-2", "zone: M-1", "named twice"),
        ("timezone: Asia/Shanghai", "timezone: Asia/Atlantis", "no time zone"),
        ("step_minutes: 30", "step_minutes: soon", r"\*.step_minutes: .*"),
        ("    visit_stop: [lawyer, consular]\n", "", "'visit_stop'"),
    ],
)
def test_a_wrong_plan_is_named_with_file_and_field(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = tmp_path / "appointments.yaml"
    text = DEFAULT.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError, match=message) as caught:
        load_plans(file, 172_800)
    assert str(file) in str(caught.value.where)
