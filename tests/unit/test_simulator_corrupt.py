"""Bad records among good ones: each is refused for the reason it was made for, and no good one is touched."""

from __future__ import annotations

from collections import Counter

import pytest

from infra.settings import UserError
from ingestion.sources.simulator import Scenario, corrupt, live
from ingestion.sources.simulator.corrupt import KINDS, TOO_LARGE_BYTES
from tests.support.simulated import decide

SCENARIO = Scenario(live_facilities=1, live_seconds=120, detainees=12, incidents="none")
AT_LANDING = {"too_large", "refused_by_broker"}


def test_good_records_all_stay_in_their_order() -> None:
    good = list(live(SCENARIO))
    spoiled = corrupt(good, 5, now_ms=SCENARIO.end_ms)
    mixed = list(spoiled)
    assert {i.kind for i in spoiled.injected} == set(KINDS)
    bad = {i.index for i in spoiled.injected}
    assert [r for n, r in enumerate(mixed) if n not in bad] == good


def test_the_stream_refuses_each_for_the_reason_it_was_made_for() -> None:
    kinds = sorted(k for k, (reason, _) in KINDS.items() if reason not in AT_LANDING)
    spoiled = corrupt(live(SCENARIO), 5, kinds, each=3, now_ms=SCENARIO.end_ms)
    out = decide(spoiled, SCENARIO.end_ms)
    assert Counter(row["reason"] for row in out.quarantine) == Counter(i.reason for i in spoiled.injected)
    assert len(spoiled.injected) == 3 * len(kinds)


def test_a_ten_megabyte_record_is_ten_megabytes_and_a_refused_time_is_two_hours_ahead() -> None:
    spoiled = corrupt(live(SCENARIO), 5, sorted(AT_LANDING), now_ms=SCENARIO.end_ms)
    mixed = list(spoiled)
    by_kind = {i.kind: mixed[i.index] for i in spoiled.injected}
    assert len(by_kind["too_large"].value) > TOO_LARGE_BYTES
    assert by_kind["refused_by_broker"].timestamp_ms == SCENARIO.end_ms + 7_200_000


def test_an_unknown_kind_is_named_with_those_that_exist() -> None:
    with pytest.raises(UserError, match="locusts") as caught:
        corrupt([], 1, ["locusts"])
    assert "malformed_json" in caught.value.do
