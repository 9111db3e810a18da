"""The custody code: points propose, officers decide, appeals restate, time ends it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.settings import UserError
from ingestion.contracts import CodeAppeal, CodeDecision, CodeEntry, Event
from streaming_jobs.catalogue import load_catalogue, load_code_rules
from streaming_jobs.catalogue.custody_code import CODE_FILE
from streaming_jobs.custody_code.codes import LOOK_S, CustodyCodes
from streaming_jobs.custody_code.extract import Asked, NotGenuine, as_known, body_of, seal, verify
from streaming_jobs.features.world import Person
from streaming_jobs.fold.admit import DECODER
from tests.support.scene import FACILITY, T0, person

RULES = load_code_rules()
DAY = 86_400
S = 1000
B = T0 // S
STAY = "stay-1"
EPOCH = date(1970, 1, 1).toordinal()
Rows = list[dict[str, Any]]


def on(second: int) -> date:
    return date.fromordinal(EPOCH + second // DAY)


def event(day: float, contract: Any, **fields: Any) -> Event:
    made: Event = contract(
        facility=FACILITY, event_time=T0 + round(day * DAY) * S, device="code-desk", stay=STAY, subject="p-1", **fields
    )
    return made


def entry(day: float, name: str, rule: str, action: str = "enter", by: str = "o-1") -> Event:
    return event(
        day, CodeEntry, entry=name, rule=rule, action=action, happened_at=T0 + round(day * DAY) * S, by=by,
        origin="officer_report", reference="r-1",
    )  # fmt: skip


def decide(day: float, action: str, level: str, by: str = "o-2", ground: str = "ledger") -> Event:
    return event(day, CodeDecision, decision=f"d-{day}", action=action, level=level, ground=ground, by=by)


def appeal(day: float, name: str, action: str, by: str = "o-3") -> Event:
    return event(day, CodeAppeal, appeal=f"ap-{name}", entry=name, action=action, ground="not_me", by=by)


def run(events: list[Event], days: float, alerts: dict[int, Rows] | None = None) -> Rows:
    """All rows of a stay that begins at day 0; seconds at which nothing can happen are left out."""
    codes, persons = CustodyCodes(RULES), {"p-1": Person("detainee", "A", "A1")}
    given: dict[int, list[Any]] = {B: [DECODER.decode(person("p-1", stay=STAY).model_dump_json())]}
    for one in events:
        given.setdefault(one.event_time // S, []).append(DECODER.decode(one.model_dump_json()))
    looks = range(B, B + round(days * DAY) + 1, LOOK_S * 60)
    rows: Rows = []
    for second in sorted({*given, *(alerts or {}), *looks}):
        if second <= B + days * DAY:
            now, raised = given.get(second, []), (alerts or {}).get(second, [])
            rows += codes.update(FACILITY, persons, now, raised, second, on)
    return rows


def told(rows: Rows, at: float = 1e4, known_on: float = 1e4) -> list[tuple[float, str, str]]:
    """(day, level, proposed) of the periods up to a day, as known on a day."""
    found = as_known(rows, T0 + round(at * DAY) * S, T0 + round(known_on * DAY) * S)
    return [(round((row["at"] - T0) / S / DAY, 2), row["level"], row["proposed"]) for row in found]


def level(rows: Rows, at: float, known_on: float = 1e4) -> str:
    return told(rows, at, known_on)[-1][1]


# -- levels ----------------------------------------------------------------------------------------


def test_points_bring_yellow_by_themselves_and_fall_away_when_their_time_is_over() -> None:
    rows = run([entry(1, "e1", "fighting"), decide(29, "review", "yellow"), decide(58, "review", "yellow"),
                *(decide(d, "review", "yellow") for d in (87, 116, 145, 174))], 200)  # fmt: skip
    assert level(rows, 0.5) == "green"
    assert level(rows, 1) == "yellow"
    assert level(rows, 180.9) == "yellow"
    assert level(rows, 181) == "green"
    first = next(row for row in rows if row["act"] == "e1")
    assert (first["by"], first["points"]) == ("o-1", 12)


def test_red_is_only_proposed_until_a_named_officer_has_confirmed_it() -> None:
    proposed = run([entry(1, "e1", "violence_against_staff")], 3)
    assert told(proposed)[-1] == (1, "yellow", "red")
    confirmed = run([entry(1, "e1", "violence_against_staff"), decide(2, "confirm", "red")], 3)
    assert told(confirmed)[-1] == (2, "red", "red")
    assert (confirmed[-1]["by"], confirmed[-1]["ground"], confirmed[-1]["act"]) == ("o-2", "ledger", "d-2")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 300), st.sampled_from([rule.rule for rule in RULES.rules])), max_size=12, unique=True
    )
)
def test_no_sum_of_points_whatever_makes_a_code_red_without_an_officer(found: list[tuple[int, str]]) -> None:
    rows = run([entry(day, f"e{n}", rule) for n, (day, rule) in enumerate(sorted(found))], 320)
    assert "red" not in {row["level"] for row in rows}


def test_a_confirmation_of_what_is_not_proposed_changes_nothing_but_an_officer_s_own_setting_does() -> None:
    assert level(run([decide(2, "confirm", "red")], 3), 3) == "green"
    own = run([decide(2, "set", "red", ground="escape_risk")], 3)
    assert level(own, 3) == "red"
    assert (own[-1]["by"], own[-1]["ground"], own[-1]["proposed"]) == ("o-2", "escape_risk", "green")


def test_red_is_left_by_a_decision_only_and_is_to_be_reviewed_at_once_when_its_ground_is_gone() -> None:
    events = [entry(1, "e1", "violence_against_staff"), decide(2, "confirm", "red")]
    merit = entry(4, "e2", "helped_others")
    rows = run([*events, merit], 5)  # 25 - 8 = 17 points: less than red is left at
    assert told(rows)[-1] == (4, "red", "yellow")
    assert rows[-1]["overdue"]
    after = run([*events, merit, decide(5, "confirm", "yellow")], 6)
    assert told(after)[-1] == (5, "yellow", "yellow")
    assert not after[-1]["overdue"]


def test_points_around_a_cut_do_not_let_the_level_flap() -> None:
    around = [entry(1, "e1", "prohibited_goods"), entry(2, "m1", "good_month"), entry(3, "e2", "damage"),
              entry(4, "m2", "good_month"), entry(5, "m3", "good_month")]  # fmt: skip
    rows = run(around, 6)
    assert [row["points"] for row in rows] == [0, 10, 7, 12, 9, 6]
    assert [row["level"] for row in rows] == ["green", *["yellow"] * 5]


# -- clocks ----------------------------------------------------------------------------------------


def test_a_review_falls_due_is_shown_as_overdue_and_without_it_the_code_expires() -> None:
    rows = run([entry(1, "e1", "violence_against_staff"), decide(2, "confirm", "red")], 40)
    shown = [((row["at"] - T0) / S / DAY, row["level"], row["overdue"]) for row in rows[2:]]
    assert shown == [(2, "red", False), (9, "red", True), (12, "expired", True)]


def test_a_review_that_keeps_the_level_starts_its_clock_again() -> None:
    events = [entry(1, "e1", "violence_against_staff"), decide(2, "confirm", "red"), decide(8, "review", "red")]
    rows = run(events, 14.9)
    assert level(rows, 14.9) == "red"
    assert not rows[-1]["overdue"]


def test_what_has_expired_comes_back_by_a_decision_only() -> None:
    events = [entry(1, "e1", "violence_against_staff"), decide(2, "confirm", "red"), entry(13, "e2", "bullying")]
    assert level(run(events, 20), 20) == "expired"
    assert level(run([*events, decide(20, "confirm", "red")], 20), 20) == "red"


def test_a_move_by_itself_is_no_review_and_never_puts_one_off() -> None:
    rows = run([entry(1, "e1", "fighting"), entry(20, "m", "helped_others")], 21)
    due = {row["level"]: (row["review_due"] - T0) / S / DAY for row in rows}
    assert due == {"green": 31, "yellow": 31}  # back to green, which is reviewed after 90 days, but due stays


# -- proposals from alerts -------------------------------------------------------------------------


def an_alert(rule: str, day: float, /, **fields: Any) -> dict[int, Rows]:
    second = B + round(day * DAY)
    row = {"alert_id": "a-1", "rule": rule, "verdict": "violation", "mode": "active", "subjects": ["p-1", "p-9"],
           "onset": second * S, **fields}  # fmt: skip
    return {second: [row]}


def test_an_alert_only_proposes_an_entry_which_counts_once_an_officer_has_confirmed_it() -> None:
    proposed = run([], 2, an_alert("cel-01", 1))
    (found,) = json.loads(proposed[-1]["entries"])
    assert (found["state"], found["rule"], found["reference"], found["by"]) == ("proposed", "fighting", "a-1", "")
    assert (proposed[-1]["points"], level(proposed, 2)) == (0, "green")
    confirmed = run([entry(2, found["entry"], "fighting", "confirm", by="o-9")], 3, an_alert("cel-01", 1))
    (kept,) = json.loads(confirmed[-1]["entries"])
    assert (kept["state"], kept["by"], level(confirmed, 3), level(confirmed, 1.5)) == (
        "in_force", "o-9", "yellow", "green",
    )  # fmt: skip


def test_a_proposed_entry_lapses_unanswered_is_gone_when_rejected_and_cannot_be_confirmed_late() -> None:
    name = json.loads(run([], 2, an_alert("cel-01", 1))[-1]["entries"])[0]["entry"]

    def state(*events: Event) -> str:
        return str(json.loads(run(list(events), 10, an_alert("cel-01", 1))[-1]["entries"])[0]["state"])

    assert state() == "lapsed"
    assert state(entry(2, name, "fighting", "reject")) == "rejected"
    assert state(entry(9, name, "fighting", "confirm")) == "lapsed"


@pytest.mark.parametrize(
    "fields", [{"mode": "shadow"}, {"verdict": "unobservable"}, {"rule": "hlt-03"}, {"subjects": ["p-9"]}]
)
def test_a_rule_on_trial_something_unseen_an_illness_and_others_propose_nothing(fields: dict[str, Any]) -> None:
    assert json.loads(run([], 2, an_alert("cel-01", 1, **fields))[-1]["entries"]) == []


# -- appeals: as known then, as known now ----------------------------------------------------------

APPEALED = [
    entry(1, "e1", "violence_against_staff"),
    decide(2, "confirm", "red"),
    appeal(3, "e1", "file", by="p-1"),
    appeal(6, "e1", "uphold"),
]


def test_an_appeal_that_is_upheld_tells_the_history_anew_and_keeps_what_was_known_before() -> None:
    rows = run(APPEALED, 7)
    assert level(rows, at=2.5, known_on=5) == "red"
    assert level(rows, at=2.5, known_on=6) == "green"
    assert level(rows, at=6, known_on=6) == "green"
    before, after = (json.loads(as_known(rows, T0 + 7 * DAY * S, T0 + k * DAY * S)[-1]["entries"])[0] for k in (5, 6))
    assert (before["state"], before["appeal"]) == ("in_force", "file")
    assert (after["state"], after["appeal"]) == ("reversed", "uphold")


def test_an_appeal_that_is_rejected_or_withdrawn_leaves_the_points_and_is_shown() -> None:
    for action in ("reject", "withdraw"):
        rows = run([*APPEALED[:3], appeal(6, "e1", action)], 7)
        assert level(rows, 7) == "red"
        assert json.loads(rows[-1]["entries"])[0]["appeal"] == action
        assert {row["edition"] for row in rows} == {0}


def test_nobody_decides_an_appeal_against_an_entry_of_one_s_own_and_there_must_be_one() -> None:
    own = run([*APPEALED[:3], appeal(6, "e1", "uphold", by="o-1")], 7)
    assert level(own, 7) == "red"
    assert json.loads(own[-1]["entries"])[0]["appeal"] == "file"
    unasked = run([*APPEALED[:2], appeal(6, "e1", "uphold")], 7)
    assert json.loads(unasked[-1]["entries"])[0]["appeal"] == "none"


ACTS = st.lists(
    st.tuples(st.integers(1, 60), st.sampled_from(["e1", "e2", "confirm", "set", "file", "uphold", "reject"])),
    max_size=10, unique_by=lambda act: act[0],
)  # fmt: skip


def act(day: int, what: str) -> Event:
    if what in ("file", "uphold", "reject"):
        return appeal(day, "e1", what)
    if what in ("confirm", "set"):
        return decide(day, what, "red")
    return entry(day, what, "violence_against_staff" if what == "e1" else "fighting")


@settings(max_examples=60, deadline=None)
@given(ACTS, st.integers(0, 60))
def test_what_is_written_as_known_on_a_day_is_never_changed_by_what_becomes_known_later(
    acts: list[tuple[int, str]], day: int
) -> None:
    events = sorted((act(*one) for one in acts), key=lambda e: e.event_time)
    whole = run(events, 61)
    then = run([e for e in events if e.event_time <= T0 + day * DAY * S], day)
    moment = T0 + day * DAY * S
    assert as_known(whole, moment, moment) == as_known(then, moment, moment)
    ids = [row["code_id"] for row in whole]
    assert len(ids) == len(set(ids))


# -- the rules as data -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("ethnicity", "forbidden"),
        ("religion", "forbidden"),
        ("free_text", "forbidden"),
        ("complaint.treatment", "is not behaviour; only alert.<rule> may give points"),
        ("health_flags", "is not behaviour"),
        ("visit.no_show", "is not behaviour"),
        ("interrogation", "is not behaviour"),
        ("mood", "no input 'mood'"),
    ],
)
def test_a_rule_of_the_code_may_look_at_behaviour_only(tmp_path: Path, name: str, says: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(CODE_FILE.read_text(encoding="utf-8").replace("alert.cel-01", name), encoding="utf-8")
    with pytest.raises(UserError, match=says):
        load_code_rules(path)


def test_every_rule_names_its_source_and_every_alert_is_a_rule_about_behaviour_of_detainees() -> None:
    rules = {rule.id: rule for rule in load_catalogue()}
    for one in RULES.rules:
        assert all(weight.source for weight in one.points)
        if one.input is not None:
            assert rules[one.input.removeprefix("alert.")].id.startswith("cel-")


# -- the extract -----------------------------------------------------------------------------------

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def an_extract() -> bytes:
    periods = as_known(run(APPEALED, 7), T0 + 5 * DAY * S, T0 + 5 * DAY * S)
    asked = Asked(STAY, T0 + 5 * DAY * S, T0 + 5 * DAY * S, "o-4", "court hearing")
    return seal(body_of(periods, RULES, asked), KEY)


SEALED = an_extract()


def test_an_extract_lists_entries_rules_history_and_who_asked_and_is_the_same_every_time() -> None:
    body = verify(SEALED, KEY.public_key())
    assert body["code"]["level"] == "red"
    assert [e["entry"] for e in body["entries"]] == ["e1"]
    assert [row["level"] for row in body["history"]] == ["green", "yellow", "red", "red"]
    assert body["rules"]["text"]["rules"][0]["points"][0]["source"]
    assert (body["extracted_by"], body["purpose"]) == ("o-4", "court hearing")
    assert an_extract() == SEALED


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(SEALED) - 1), st.integers(0, 255), st.sampled_from(["change", "drop", "insert", "cut"]))
def test_any_change_of_any_byte_is_found(place: int, byte: int, how: str) -> None:
    one = bytes([byte])
    damaged = {
        "change": SEALED[:place] + one + SEALED[place + 1 :],
        "drop": SEALED[:place] + SEALED[place + 1 :],
        "insert": SEALED[:place] + one + SEALED[place:],
        "cut": SEALED[:place],
    }[how]
    if damaged != SEALED:
        with pytest.raises(NotGenuine):
            verify(damaged, KEY.public_key())


def test_every_single_bit_of_the_seal_counts_and_another_key_is_named() -> None:
    start = SEALED.rfind(b"-- ed25519 ")
    for place in range(start, len(SEALED)):
        for bit in range(8):
            damaged = bytearray(SEALED)
            damaged[place] ^= 1 << bit
            with pytest.raises(NotGenuine):
                verify(bytes(damaged), KEY.public_key())
    for more in (b"\n", b" ", SEALED[start:]):
        with pytest.raises(NotGenuine):
            verify(SEALED + more, KEY.public_key())
    with pytest.raises(NotGenuine, match="sealed with key"):
        verify(SEALED, Ed25519PrivateKey.generate().public_key())
