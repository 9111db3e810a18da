"""Who is told when, who may answer, and when the next tier hears of it."""

from __future__ import annotations

import pytest

from infra.settings import UserError
from streaming_jobs.response import EndSilence, Silence, load_plan
from streaming_jobs.response.plan import DEFAULT, Plan, Unit
from tests.support.posts import CATALOGUE, FACILITY, NOON, PLAN, Desk, in_words, raised

FIGHT = ["control_room", "block_duty", "medical"]


def silence(*rules: str, seconds: int = 600, post: str = f"leader@{FACILITY}") -> Silence:
    return Silence("s-1", rules, (FACILITY,), ("*",), NOON, NOON + seconds * 1000, post, "o-9")


def plan(**changes: object) -> Plan:
    return Plan.model_validate({**PLAN.model_dump(by_alias=True), **changes})


def test_a_fight_calls_control_room_block_duty_and_medical_at_once_in_one_case() -> None:
    desk = Desk()
    desk.hears(raised("a1"), 0)
    assert desk.told() == FIGHT
    assert len({push.case for push in desk.pushes}) == 1


def test_further_pairs_of_the_same_fight_join_the_case_and_are_told_after_the_interval() -> None:
    desk = Desk()
    desk.hears(raised("a1"), 0)
    desk.hears(raised("a2", "cel-02"), 1)
    desk.hears(raised("a1"), 2)  # the same alert again, from a sink that says things at least once
    assert len(desk.state.cases) == 1
    assert len(desk.pushes) == 3
    desk.waits(5)
    assert desk.told().count("block_duty") == 2
    assert desk.pushes[-1].body["cases"][0]["alerts"] == 2


def test_a_graver_alert_of_the_same_event_calls_more_posts_and_is_what_they_see() -> None:
    desk = Desk()
    desk.hears(raised("a1", "cel-02"), 0)
    desk.hears(raised("a2", "cel-01"), 1)
    assert len(desk.state.cases) == 1
    shown = [push.body["cases"][0] for push in desk.pushes if push.address.startswith("medical")]
    assert [(view["rule"], view["severity"], view["alerts"]) for view in shown] == [("cel-01", "critical", 2)]


def test_alerts_of_other_accountable_posts_are_cases_of_their_own() -> None:
    desk = Desk()
    desk.hears(raised("a1"), 0)
    desk.hears(raised("a2", accountable="leader"), 1)
    assert len(desk.state.cases) == 2


@pytest.mark.parametrize("rule", [rule.id for rule in CATALOGUE])
def test_every_rule_s_alert_has_posts_and_one_that_is_not_accused(rule: str) -> None:
    desk = Desk()
    desk.hears(raised("a1", rule), 0)
    desk.waits(60)
    told = set(desk.told())
    assert told >= set(CATALOGUE[rule].notify)
    if CATALOGUE[rule].about_staff:
        assert told - {CATALOGUE[rule].accountable}


def test_the_plan_names_rules_that_exist_and_links_those_of_one_accountable_post() -> None:
    for rules in PLAN.linkage.values():
        assert len({CATALOGUE[rule].accountable for rule in rules}) == 1
    for one in PLAN.inhibitions:
        assert all(CATALOGUE[rule] for rule in (*one.source, *one.target) if rule != "*")


def test_an_unanswered_case_is_repeated_and_climbs_the_tiers() -> None:
    desk = Desk()
    desk.hears(raised("a1"), 0)
    desk.waits(*range(1, 1000))
    first: dict[str, int] = {}
    for push in desk.pushes:
        first.setdefault(push.address, (push.at - NOON) // 1000)
    assert first["leader@330101"] == 60
    assert first["city_duty@3301"] == 180
    assert first["province@33"] == 900
    assert desk.told("repeat").count("control_room") == 16


def test_an_answer_ends_repeats_and_the_clock_and_all_posts_see_it() -> None:
    desk = Desk()
    desk.hears(raised("a1"), 0)
    assert desk.answers("block_duty", "acknowledge", 20) == ""
    desk.waits(*range(21, 800))
    assert desk.told("repeat", "escalation") == []
    assert in_words(desk.pushes[3:]) == [(post, "update") for post in FIGHT]
    desk.waits(921)  # acknowledged, but not done within the time
    assert desk.told("escalation") == ["leader"]


def test_the_accountable_post_closes_and_others_end_their_own_part() -> None:
    desk = Desk()
    desk.hears(raised("a1"), 0)
    desk.answers("medical", "done", 10)
    assert desk.status == ["acknowledged"]
    desk.answers("block_duty", "on_scene", 20)
    assert desk.status == ["on_scene"]
    desk.answers("block_duty", "done", 30)
    assert desk.status == ["closed"]
    assert desk.line() == ["opened", "answered", "answered", "answered", "closed"]
    assert desk.answers("control_room", "acknowledge", 40) == "closed"


def test_a_false_alarm_needs_a_reason() -> None:
    desk = Desk()
    desk.hears(raised("a1"), 0)
    assert desk.answers("block_duty", "false_alarm", 10) == "no_reason"
    assert desk.answers("block_duty", "false_alarm", 11, reason="drill") == ""
    assert desk.status == ["closed"]


def test_an_alert_about_staff_is_not_answered_by_the_accused_post_its_members_or_the_person() -> None:
    desk = Desk()
    alert = raised("a1", "stf-02", subjects=("o-3",))
    assert alert.about_staff
    desk.hears(alert, 0)
    accused = alert.accountable
    other = next(post for post in alert.notify if post != accused)
    for post in alert.notify:
        if post == accused:
            assert desk.answers(post, "done", 1) == "accused"
    assert desk.answers(other, "done", 2, posts=(f"{other}@{FACILITY}", f"{accused}@{FACILITY}")) == "accused"
    assert desk.answers(other, "done", 3, officer="o-3") == "accused"
    assert desk.status == ["open"]
    assert desk.answers(other, "done", 4, officer="o-8") == ""
    assert desk.status == ["closed"]


def test_where_only_the_accused_post_would_be_told_the_next_one_above_is_told_too() -> None:
    desk = Desk()
    desk.hears(raised("a1", "stf-02", accountable="leader", notify=("leader",)), 0)
    desk.waits(10)
    assert desk.told() == ["leader", "city_duty"]


def test_a_post_that_was_not_called_does_not_answer() -> None:
    desk = Desk()
    desk.hears(raised("a1"), 0)
    assert desk.answers("gate", "acknowledge", 1) == "not_called"
    assert desk.line() == ["opened", "refused"]


def test_a_minor_case_waits_for_others_and_closes_by_itself_but_is_told_once() -> None:
    desk = Desk()
    desk.hears(raised("a1", "cel-12", severity="minor"), 0)
    assert desk.told() == []
    desk.hears(raised("a1", "cel-12", step="cleared"), 5)
    assert desk.status == ["closed"]
    assert desk.pushes
    desk.waits(*range(6, 2000))
    assert desk.told() == []


def test_a_grave_case_stays_open_when_its_condition_is_over() -> None:
    desk = Desk()
    desk.hears(raised("a1"), 0)
    desk.hears(raised("a1", step="cleared"), 5)
    assert desk.status == ["open"]
    assert desk.pushes[-1].body["cases"][0]["holds"] is False


def test_shadow_alerts_are_nobody_s_business() -> None:
    desk = Desk()
    desk.hears(raised("a1", mode="shadow"), 0)
    assert (desk.pushes, desk.state.cases) == ([], {})


def test_at_night_the_leader_hears_of_critical_alerts_at_once() -> None:
    desk = Desk()
    desk.hears(raised("a1"), 7 * 3600)
    assert desk.told() == [*FIGHT, "leader"]


def test_units_of_a_post_hear_of_their_own_zones() -> None:
    units = [Unit(post="block_duty", facility=FACILITY, unit=name, zones=[f"{name}*"]) for name in ("A", "B")]
    desk = Desk(plan(units=units))
    desk.hears(raised("a1", zone="B7"), 0)
    desk.hears(raised("a2", zone="yard"), 1)
    assert [p for p in desk.told() if p.startswith("block")] == ["block_duty.B", "block_duty.A", "block_duty.B"]


def test_a_silenced_case_is_recorded_and_pushed_when_the_silence_ends() -> None:
    desk = Desk()
    desk.hears(silence("cel-12"), 0)
    desk.hears(raised("a1", "cel-12", severity="major"), 1)
    desk.waits(300)
    assert (desk.told(), desk.line()) == ([], ["opened", "held_back"])
    desk.hears(EndSilence("s-1"), 400)
    assert "control_room" in desk.told("alert")


def test_a_silence_by_itself_ends_at_its_time() -> None:
    desk = Desk()
    desk.hears(silence("cel-12"), 0)
    desk.hears(raised("a1", "cel-12", severity="major"), 1)
    desk.waits(599)
    assert desk.told() == []
    desk.waits(600)
    assert desk.told()


@pytest.mark.parametrize("rule", ["cel-01", "stf-02"])
def test_nothing_critical_and_nothing_about_staff_is_silenced(rule: str) -> None:
    desk = Desk()
    desk.hears(silence("*"), 0)
    desk.hears(raised("a1", rule), 1)
    desk.waits(60)
    assert desk.told()


def test_a_silence_lies_in_its_author_s_scope_and_is_not_for_ever() -> None:
    desk = Desk()
    assert desk.hears(silence("*", post="leader@330102"), 0).refused == "out_of_scope"
    assert desk.hears(silence("*", seconds=100_000), 0).refused == "too_long"


def test_a_blind_camera_holds_back_what_cannot_be_seen_until_it_is_mended() -> None:
    desk = Desk()
    desk.hears(raised("d1", "dev-01"), 0)
    desk.hears(raised("a1", "cel-12", verdict="unobservable"), 1)
    desk.waits(30)
    assert [e.detail for e in desk.events if e.kind == "held_back"] == ["inhibited by dev-01"]
    before = len(desk.pushes)
    desk.hears(raised("d1", "dev-01", step="cleared"), 40)
    assert [p.body["cases"][0]["rule"] for p in desk.pushes[before:] if p.loud] == ["cel-12"]


def test_maintenance_windows_hold_back_until_they_end() -> None:
    window = {"rules": ["dev-*"], "window": {"from": "11:00", "to": "12:30"}}
    desk = Desk(plan(maintenance=[window]))
    desk.hears(raised("d1", "dev-01"), 0)
    desk.waits(1799)
    assert desk.told() == []
    desk.waits(1800)
    assert desk.told()


def test_above_the_limit_a_post_gets_one_list_a_minute_and_misses_nothing() -> None:
    desk = Desk(plan(limit_per_minute=3))
    for n in range(10):
        desk.hears(raised(f"a{n}", "cel-12", zone=f"Z{n}", severity="major"), n)
    control = [p for p in desk.pushes if p.address.startswith("control_room")]
    assert len(control) == 3
    desk.waits(60)
    lists = [p for p in desk.pushes if p.kind == "list" and p.address.startswith("control_room")]
    assert [len(p.body["cases"]) for p in lists] == [7]
    for n in range(5):  # critical ones have no limit
        desk.hears(raised(f"c{n}", zone=f"Z{n}"), 61)
    assert desk.told().count("medical") == 5


def test_a_plan_that_does_not_hold_together_names_the_line(tmp_path: object) -> None:
    from pathlib import Path

    wrong = Path(str(tmp_path)) / "plan.yaml"
    wrong.write_text(DEFAULT.read_text(encoding="utf-8").replace("repeat: 180", "repeat: often"), encoding="utf-8")
    with pytest.raises(UserError, match=r"clocks\.major\.repeat") as error:
        load_plan(wrong)
    assert str(wrong) in error.value.where
