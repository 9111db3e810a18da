"""Late records: the stream counts them, the recomputation decides with them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from infra.deployment.recomputation import InTime, in_time
from infra.settings import Settings, append_rows, ensure_tables, load_settings, open_catalog
from ingestion.contracts import Alert, Event, QuarantineRow, ReceivedRecord
from streaming_jobs.fold.envelope import Received
from streaming_jobs.fold.facility import FacilityFold, Outputs
from tests.support.commands import must
from tests.support.scene import FACILITY, T0, band, config, end, fall_and_fight, frame, in_order, received

KEY = FACILITY.encode()
LIVE = InTime(2000, 3_600_000, T0 + 86_400_000)


def day() -> list[Event]:
    """A fight of 10 s and a fall after which nobody rises."""
    return fall_and_fight(fall_s=50, seconds=120)


def live(records: Sequence[Received]) -> Outputs:
    return FacilityFold(KEY, config()).process(0, records)


def rows_of(records: Sequence[Received], out: Outputs) -> list[dict[str, Any]]:
    """As they lie in bronze, with what the stream's quarantine says of them."""
    reasons = {row["topic_offset"]: row["reason"] for row in out.quarantine}
    return [
        {
            "topic_partition": 0,
            "topic_offset": r.offset,
            "received_at": r.received_at,
            "source": r.source,
            "record_key": KEY,
            "payload": r.payload,
            "reason": reasons.get(r.offset),
        }
        for r in records
    ]


def recomputed(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    late = [row for row in rows if row["reason"] == "late"]
    return {a["alert_id"]: a for a in LIVE(KEY, late, [row for row in rows if row["reason"] != "late"])}


def latest(out: Outputs) -> dict[str, dict[str, Any]]:
    return {row["alert_id"]: row for row in out.alert}


@examples(max_examples=25)
@given(seed=st.integers(0, 10_000), share=st.floats(0, 0.5))
def test_records_that_come_late_are_decided_on_as_if_they_had_come_in_time(seed: int, share: float) -> None:
    chance = random.Random(seed)
    events = day()
    keep = [e for e in events if e.event_time == T0 or chance.random() >= share]
    delayed = [e for e in events if e not in keep]
    chance.shuffle(delayed)
    records = received([*keep, end(T0 + 130_000), *delayed, b"{not json", b'{"event_time": 9999999999999}'])
    out = live(records)
    assert sum(row["late"] for row in out.ledger) == len(delayed)
    whole = live(received([*events, end(T0 + 130_000)]))
    assert recomputed(rows_of(records, out)) == latest(whole)


def test_without_late_records_it_is_the_streams_own_alerts() -> None:
    events = [*day(), end(T0 + 130_000)]
    rubbish = [b"{not json", events[40].model_dump_json().encode(), b'{"event_time": 9999999999999}']
    records = received([*events[:200], *rubbish, *events[200:]])
    out = live(records)
    assert len(out.alert) > 2
    assert recomputed(rows_of(records, out)) == latest(out)


def test_a_refused_record_of_the_far_future_lets_no_late_record_jump_the_queue() -> None:
    future = frame(T0 + 40_000_000_000).model_dump_json().encode()
    events = day()
    delayed = [e for e in events if T0 + 30_000 < e.event_time < T0 + 36_000]
    records = received(
        [*events[:50], future, *(e for e in events[50:] if e not in delayed), end(T0 + 130_000), *delayed]
    )
    rows = rows_of(records, live(records))
    assert [row["reason"] for row in rows if row["payload"] == future] == ["ahead_of_time"]
    late = [row for row in rows if row["reason"] == "late"]
    order = [r.offset for r in in_time(late, [row for row in rows if row["reason"] != "late"])]
    assert order.index(late[0]["topic_offset"]) > 60
    assert recomputed(rows) == latest(live(received([*events, end(T0 + 130_000)])))


def test_the_command_writes_what_late_records_add_and_remove_beside_the_live_alerts(tmp_path: Any) -> None:
    """Late: the fight; and the message that the fallen person moves again, after 10 s."""
    events, up = day(), band("p-1", T0 + 60_000, motion="moving")
    fight = [e for e in events if e.type == "video" and e.detections]  # type: ignore[union-attr]
    still = [e for e in events if e not in fight and not (e.type == "wristband" and e.event_time == T0 + 60_000)]
    records = received([*still, end(T0 + 130_000), *fight, up])
    settings = load_settings(home=tmp_path)
    out = fill(settings, records)
    assert {a["rule"] for a in out.alert if a["verdict"] == "violation"} == {"hlt-03"}

    said = must(tmp_path, "rules", "recompute", "--day", "2026-03-02").out
    assert f"{FACILITY}: 51 late records; beside the stream: 1 added, 1 removed, 0 unchanged" in said
    again = must(tmp_path, "rules", "recompute", "--day", "2026-03-01").out
    assert "0 added, 0 removed, 0 unchanged" in again

    rows = open_catalog(settings).load_table("silver.alert_recomputed").scan().to_arrow().to_pylist()
    assert sorted((row["rule"], row["standing"]) for row in rows) == [("cel-01", "added"), ("hlt-03", "removed")]
    (added,) = (row for row in rows if row["standing"] == "added")
    whole = live(received([*in_order([*still, *fight, up]), end(T0 + 130_000)]))
    assert latest(whole)[added["alert_id"]]["cleared"] == added["cleared"]
    assert len(open_catalog(settings).load_table("silver.alert").scan().to_arrow()) == len(out.alert)


def fill(settings: Settings, records: Sequence[Received]) -> Outputs:
    """The lake as the job leaves it."""
    catalog, out = open_catalog(settings), live(records)
    ensure_tables(catalog)
    names = ReceivedRecord.model_fields
    bronze = [{name: row[name] for name in names} for row in rows_of(records, out)]
    append_rows(catalog, ReceivedRecord, [ReceivedRecord(**row) for row in bronze])
    append_rows(catalog, QuarantineRow, [QuarantineRow(**row) for row in out.quarantine])
    append_rows(catalog, Alert, [Alert(**row) for row in out.alert])
    return out
