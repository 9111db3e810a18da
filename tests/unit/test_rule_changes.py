"""Rules that change while the fold runs: when they take effect, what they leave alone, what is reported."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.contracts import DERIVED, Event
from streaming_jobs.catalogue import Catalogue, Rule
from streaming_jobs.fold.codec import decode_state, encode_state
from streaming_jobs.fold.facility import FacilityFold, Outputs
from tests.support.rules import CATALOGUE, altered, catalogue_with, change, with_parameter
from tests.support.scene import (
    FACILITY,
    T0,
    add,
    config,
    end,
    fold_all,
    frame,
    in_order,
    quiet,
    received,
    seen,
    site_plan,
)
from tests.unit.test_fold import a_day_with_everything

S = 1000


def lying(begin: int, seconds: int, track: str = "x") -> list[Event]:
    """Somebody lies on the floor of A1; cel-06 asks for 30 s."""
    return [frame(begin + s * S, seen(track, 5, 5, role="detainee", posture="lying")) for s in range(seconds)]


def steps(out: Outputs, rule: str) -> list[tuple[str, str, int, int, int | None]]:
    """(step, mode, version, onset s, cleared s) of a rule's alerts, seconds after T0."""
    return [
        (a["step"], a["mode"], a["rule_version"], (a["onset"] - T0) // S, a["cleared"] and (a["cleared"] - T0) // S)
        for a in out.alert
        if a["rule"] == rule
    ]


def status(out: Outputs, rule: str) -> list[tuple[int, str, int]]:
    """(version, mode, since s after T0) of a rule's rows."""
    return [(r["rule_version"], r["mode"], (r["since"] - T0) // S) for r in out.rule_status if r["rule"] == rule]


def a_scene(*changes: tuple[int, Event], events: Sequence[Event] = (), seconds: int = 200) -> list[Event]:
    """Empty frames with the given events, and changes posted when the second they name has just been seen."""
    body = in_order([*quiet(T0, seconds), *events])
    for at, one in sorted(changes, key=lambda pair: -pair[0]):
        place = next(i for i, e in enumerate(body) if e.event_time > T0 + at * S)
        body.insert(place, one)
    return [site_plan(), *body, end(T0 + seconds * S)]


QUICKER = with_parameter("cel-06", "hold_s", 10.0)


def test_when_a_facility_s_plan_comes_into_force_every_rule_is_reported_once_and_rows_fit_their_contract() -> None:
    out = fold_all(received(a_scene(seconds=10)))
    assert [r["rule"] for r in out.rule_status] == sorted([*(r.id for r in CATALOGUE), "facility-risk", "person-risk"])
    assert {(r["mode"], r["since"], r["change"], r["catalogue"]) for r in out.rule_status} == {
        ("active", T0, "", CATALOGUE.version)
    }
    assert [r["number"] for r in out.rule_status] == list(range(len(out.rule_status)))
    for row in out.rule_status:
        DERIVED["silver.rule_status"].model_validate(row)


def test_a_changed_rule_deployed_active_takes_effect_at_the_first_second_that_is_not_closed_and_keeps_its_timers() -> (
    None
):
    out = fold_all(received(a_scene((25, change("deploy", QUICKER, mode="active")), events=lying(T0 + 20 * S, 60))))
    # Second 25 was seen, so that second 23 was open still: 20 to 30 is ten seconds of lying.
    assert steps(out, "cel-06") == [("raised", "active", 2, 20, None), ("cleared", "active", 2, 20, 82)]
    assert status(out, "cel-06") == [(1, "active", 0), (1, "retired", 23), (2, "active", 23)]
    assert [r["change"] for r in out.rule_status if r["rule"] == "cel-06"] == ["", *["deploy-cel-06-active"] * 2]


def test_a_changed_rule_in_shadow_runs_beside_the_version_in_force_which_goes_on_undisturbed() -> None:
    out = fold_all(received(a_scene((5, change("deploy", QUICKER)), events=lying(T0 + 20 * S, 60))))
    assert steps(out, "cel-06") == [
        ("raised", "shadow", 2, 20, None),
        ("raised", "active", 1, 20, None),
        ("cleared", "active", 1, 20, 82),
        ("cleared", "shadow", 2, 20, 82),
    ]
    assert len({a["alert_id"] for a in out.alert if a["rule"] == "cel-06"}) == 2
    assert status(out, "cel-06") == [(1, "active", 0), (1, "active", 3), (2, "shadow", 3)]


def test_activating_puts_the_version_in_shadow_in_force_and_what_goes_on_is_raised_anew() -> None:
    changes = [(5, change("deploy", QUICKER)), (60, change("activate", "cel-06"))]
    out = fold_all(received(a_scene(*changes, events=lying(T0 + 45 * S, 60))))
    assert steps(out, "cel-06") == [
        ("raised", "shadow", 2, 45, None),
        ("cleared", "shadow", 2, 45, 58),
        ("raised", "active", 2, 45, None),
        ("cleared", "active", 2, 45, 107),
    ]
    assert status(out, "cel-06")[-2:] == [(1, "retired", 58), (2, "active", 58)]


def test_disabling_a_rule_clears_its_open_alerts_and_withdrawing_gives_the_catalogue_s_rule_back() -> None:
    changes = [(60, change("disable", "cel-06")), (100, change("withdraw", "cel-06"))]
    out = fold_all(received(a_scene(*changes, events=lying(T0 + 20 * S, 130))))
    assert steps(out, "cel-06") == [
        ("raised", "active", 1, 20, None),
        ("cleared", "active", 1, 20, 58),
        ("raised", "active", 1, 98, None),
        ("cleared", "active", 1, 98, 152),
    ]
    assert status(out, "cel-06") == [(1, "active", 0), (1, "disabled", 58), (1, "active", 98)]


def test_a_new_rule_runs_where_it_was_deployed_and_others_are_left_alone() -> None:
    new = altered("cel-06", id="cel-96", version=1, title={"zh": "新", "en": "New"})
    out = fold_all(received(a_scene((5, change("deploy", new)), events=lying(T0 + 20 * S, 60))))
    assert steps(out, "cel-96") == [("raised", "shadow", 1, 20, None), ("cleared", "shadow", 1, 20, 82)]
    assert steps(out, "cel-06") == [("raised", "active", 1, 20, None), ("cleared", "active", 1, 20, 82)]


def test_a_version_lower_than_the_catalogue_s_has_no_effect_and_that_is_said() -> None:
    out = fold_all(received(a_scene((5, change("deploy", altered("cel-06", version=1), mode="active"))))).rule_status
    assert status(Outputs(rule_status=out), "cel-06")[-1] == (1, "active", 3)
    newer = dataclasses.replace(config(), catalogue=catalogue_with(altered("cel-06", version=3)))
    fold = FacilityFold(FACILITY.encode(), newer)
    rows = fold.process(0, received(a_scene((5, change("deploy", QUICKER, mode="active"))))).rule_status
    assert (rows[-1]["rule"], rows[-1]["rule_version"], rows[-1]["mode"]) == ("cel-06", 3, "active")
    assert rows[-1]["detail"] == "version 2 is lower than the catalogue's 3"


@pytest.mark.parametrize(
    ("bad", "detail"),
    [
        (change("deploy", "cel-06", definition="{}"), "definition.id: Field required"),
        (change("deploy", "cel-06", definition="not json"), "definition: Invalid JSON"),
        (change("deploy", QUICKER, rule="cel-01"), "definition.id: is 'cel-06', but the change is of 'cel-01'"),
        (
            change("deploy", "cel-06", definition=change("deploy", QUICKER).definition.replace("subject.lying", "no")),
            "definition.when.0: unknown feature 'no'",
        ),
        (change("disable", "cel-06", definition="{}"), "definition: only a rule that is deployed has one"),
        (change("disable", "xyz-01"), "rule: there is no rule 'xyz-01' here"),
    ],
)
def test_a_change_that_cannot_be_carried_out_is_quarantined_with_the_field_that_is_wrong(
    bad: Event, detail: str
) -> None:
    out = fold_all(received(a_scene((5, bad))))
    assert [q["reason"] for q in out.quarantine] == ["contract"]
    assert detail in out.quarantine[0]["detail"]
    assert {r["since"] for r in out.rule_status} == {T0}


def test_a_change_moves_no_clock_is_never_late_and_comes_into_force_once() -> None:
    old, early = T0 - 86_400 * S, T0 + 86_000 * S
    changes = [
        (50, change("disable", "cel-06", event_time=old)),
        (60, change("activate", "cel-06", event_time=early)),
        (70, change("disable", "cel-06", event_time=old)),
    ]
    out = fold_all(received(a_scene(*changes, seconds=100)))
    assert [(q["reason"], q["detail"]) for q in out.quarantine] == [
        ("duplicate", "change 'disable-cel-06-' was posted before")
    ]
    assert status(out, "cel-06") == [(1, "active", 0), (1, "disabled", 48), (1, "active", 58)]
    assert out.ledger[-1]["clock"] == T0 + 100 * S + 2000


DAY = a_day_with_everything()
CHANGES: list[Event] = [
    change("deploy", with_parameter("cel-02", "speed_limit", 2.0)),
    change("disable", "dev-01"),
    change("deploy", QUICKER, mode="active", change="active"),
    change("activate", "dev-01"),
    change("withdraw", "cel-06"),
]


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(min_value=5, max_value=len(DAY) - 1), min_size=len(CHANGES), max_size=len(CHANGES)),
    st.lists(st.integers(min_value=0, max_value=len(DAY) + len(CHANGES)), max_size=8),
)
def test_batches_and_restarts_anywhere_do_not_change_what_a_change_does(places: list[int], cuts: list[int]) -> None:
    events = list(DAY)
    for place, one in zip(sorted(places, reverse=True), reversed(CHANGES), strict=True):
        events.insert(place, one)
    records = received(events)
    whole, cut = fold_all(records), fold_all(records, cuts)
    for name in ("alert", "risk", "custody_code", "quarantine", "rule_status"):
        assert getattr(cut, name) == getattr(whole, name), name


# -- another catalogue over a state ----------------------------------------------------------------


def across(events: list[Event], cut: int, before: Catalogue, after: Catalogue) -> Outputs:
    """Fold with one catalogue, write the state, go on with another; what came after."""
    records = received(events)
    fold = FacilityFold(FACILITY.encode(), dataclasses.replace(config(), catalogue=before))
    fold.process(0, records[:cut])
    fold = decode_state(encode_state(fold), dataclasses.replace(config(), catalogue=after))
    total = Outputs()
    for part in (records[cut : cut + 40], records[cut + 40 :]):
        out = fold.process(0, part)
        add(total, out)
    return total


def at_second(events: list[Event], second: int) -> int:
    return next(i for i, e in enumerate(events) if e.event_time > T0 + second * S)


def test_a_state_opens_under_a_catalogue_with_rules_added_changed_and_removed_and_the_others_go_on() -> None:
    events = a_scene(events=[*lying(T0 + 20 * S, 60), *lying(T0 + 95 * S, 60, "y")])
    new = altered("cel-06", id="cel-96", version=1, title={"zh": "新", "en": "New"})
    after = catalogue_with(
        new, with_parameter("hlt-03", next(iter(CATALOGUE["hlt-03"].parameters)), 500.0), without=("cel-02",)
    )
    out = across(events, at_second(events, 40), CATALOGUE, after)
    # Forty seconds in, twenty of the thirty seconds of cel-06 have passed: its timer goes on.
    assert steps(out, "cel-06")[:2] == [("raised", "active", 1, 20, None), ("cleared", "active", 1, 20, 82)]
    # The new rule begins at the first second of the new catalogue.
    assert steps(out, "cel-96")[0] == ("raised", "active", 1, 38, None)
    assert status(out, "cel-96") == [(1, "active", 38)]
    assert status(out, "cel-02") == [(1, "retired", 38)]
    assert {r["catalogue"] for r in out.rule_status} == {after.version}


def test_the_open_alert_of_a_rule_that_a_catalogue_removes_is_cleared() -> None:
    events = a_scene(events=lying(T0 + 20 * S, 120))
    out = across(events, at_second(events, 100), CATALOGUE, catalogue_with(without=("cel-06",)))
    assert steps(out, "cel-06") == [("cleared", "active", 1, 20, 98)]


@pytest.mark.slow
def test_a_facility_s_own_version_survives_a_restart_and_yields_to_a_later_one_of_the_catalogue() -> None:
    events = a_scene((5, change("deploy", QUICKER, mode="active")), events=lying(T0 + 120 * S, 60))
    cut = at_second(events, 100)
    kept = across(events, cut, CATALOGUE, CATALOGUE)
    assert steps(kept, "cel-06")[0] == ("raised", "active", 2, 120, None)
    assert kept.rule_status == []
    later = across(events, cut, CATALOGUE, catalogue_with(altered("cel-06", version=3)))
    assert steps(later, "cel-06")[0] == ("raised", "active", 3, 120, None)
    assert status(later, "cel-06") == [(2, "retired", 98), (3, "active", 98)]


@pytest.mark.slow
def test_a_disabled_rule_stays_disabled_under_a_later_catalogue() -> None:
    events = a_scene((5, change("disable", "cel-06")), events=lying(T0 + 120 * S, 60))
    out = across(events, at_second(events, 100), CATALOGUE, catalogue_with(altered("cel-06", version=3)))
    assert steps(out, "cel-06") == []
    assert status(out, "cel-06") == [(1, "retired", 98), (3, "disabled", 98)]


# -- faulty rules ----------------------------------------------------------------------------------


def folded_with(*rules: Rule, events: list[Event]) -> Outputs:
    fold = FacilityFold(FACILITY.encode(), dataclasses.replace(config(), catalogue=catalogue_with(*rules)))
    return fold.process(0, received(events))


def others(out: Outputs) -> list[Any]:
    return [a for a in out.alert if a["rule"] != "cel-02"]


@pytest.mark.slow
def test_a_rule_without_a_value_on_the_day_is_set_aside_reported_and_used_from_the_day_it_has_one() -> None:
    data = CATALOGUE["cel-06"].model_dump(mode="json", by_alias=True)["parameters"]
    late = {**data["hold_s"][0], "from": "2026-03-03"}
    rule = altered("cel-06", parameters=data | {"hold_s": [late]})
    midnight = 12 * 3600
    events: list[Event] = [
        site_plan(),
        *in_order([*quiet(T0, 5), *lying(T0, 100), *lying(T0 + midnight * S, 50)]),
        end(T0 + (midnight + 60) * S),
    ]
    out = folded_with(rule, events=events)
    assert steps(out, "cel-06")[0] == ("raised", "active", 2, midnight, None)
    assert status(out, "cel-06") == [(2, "failed", 0), (2, "active", midnight)]
    assert "'hold_s' has no value on 2026-03-02" in next(r["detail"] for r in out.rule_status if r["mode"] == "failed")
    assert "dev-01" in {a["rule"] for a in out.alert}


@pytest.mark.slow
def test_a_rule_that_raises_in_the_kernel_is_set_aside_and_the_others_give_what_they_give_without_it() -> None:
    # A cooldown beyond all time overflows when the first alert is cleared.
    out = folded_with(altered("cel-02", cooldown=1e300), events=DAY)
    assert others(out) == others(fold_all(received(DAY)))
    assert steps(out, "cel-02")[-1][0] == "cleared"
    failed = [r for r in out.rule_status if r["mode"] == "failed"]
    assert [(r["rule"], r["rule_version"]) for r in failed] == [("cel-02", 2)]
    assert "FloatingPointError" in failed[0]["detail"]


@pytest.mark.slow
def test_a_rule_whose_alert_cannot_be_written_is_set_aside_too() -> None:
    broken = altered("cel-02").model_copy(update={"advice": None})
    out = folded_with(broken, events=DAY)
    assert others(out) == others(fold_all(received(DAY)))
    assert steps(out, "cel-02") == []
    assert [r["rule"] for r in out.rule_status if r["mode"] == "failed"] == ["cel-02"]


def test_a_rule_that_was_set_aside_stays_so_over_a_restart_until_it_is_changed() -> None:
    wrong = dataclasses.replace(config(), catalogue=catalogue_with(altered("cel-02", cooldown=1e300)))
    fold = FacilityFold(FACILITY.encode(), wrong)
    fold.process(0, received(DAY))
    fold = decode_state(encode_state(fold), wrong)
    right = altered("cel-02", version=3)
    out = fold.process(0, received([frame(T0 + 210 * S), change("deploy", right, mode="active")]))
    assert status(out, "cel-02") == [(2, "retired", 208), (3, "active", 208)]
