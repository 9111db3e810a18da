"""From frames over HTTP to a closed case, through the real job: one fight is answered, another is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from infra import audit, derived_registers
from infra.demo.drill import ANSWERED, FORGOTTEN, run_drill
from infra.settings import ALERTS_TOPIC, Settings, bootstrap, open_catalog
from ingestion.landing import land
from ingestion.sources.record import record_of
from streaming_jobs.delivery.journal import Journal
from streaming_jobs.jobs.run import run_stream
from tests.support.instance import broker_instance  # noqa: F401
from tests.support.scene import site_plan

pytestmark = [pytest.mark.jvm, pytest.mark.browser]
AT_ONCE = ["control_room", "block_duty", "medical"]


def alerts_of_the_topic(settings: Settings) -> set[tuple[str, str]]:
    consumer = Consumer({"bootstrap.servers": bootstrap(settings), "group.id": "t", "enable.partition.eof": True})
    waiting = set(consumer.list_topics(ALERTS_TOPIC, timeout=10).topics[ALERTS_TOPIC].partitions)
    consumer.assign([TopicPartition(ALERTS_TOPIC, number, OFFSET_BEGINNING) for number in waiting])
    found = set()
    while waiting:
        for message in consumer.consume(100, timeout=0.2):
            error = message.error()
            if error is None:
                row = json.loads(message.value() or b"")
                assert (message.key() or b"").decode() == row["facility"]
                found.add((row["alert_id"], row["step"]))
            elif error.code() == KafkaError._PARTITION_EOF:
                waiting.discard(message.partition())
    consumer.close()
    return found


def test_an_answered_fight_is_closed_and_a_forgotten_one_climbs_and_is_asked_about(
    broker_instance: Settings,  # noqa: F811
    tmp_path: Path,
) -> None:
    settings = broker_instance
    land(settings, "test", [record_of(site_plan())])
    run_stream(settings, until_drained=True)  # as in the demo: a job ran in this very process before
    drill = run_drill(settings, print, tmp_path / "leader.png", tmp_path / "code.txt")
    for posts in drill.told.values():
        assert [post for post in posts if post != "leader"] == AT_ONCE  # at night the leader hears of it at once
    assert drill.accused == ["leader", "city_duty"]
    assert drill.person.code == ["green, 0", "yellow, 12", "yellow, 12", "green, 0"]
    assert drill.person.verified.startswith("genuine: stay-drill at 330199, green")
    assert any("Fighting" in reason for reason in drill.person.reasons)

    rows = open_catalog(settings).load_table("silver.alert").scan().to_arrow().to_pylist()
    asked = [row for row in rows if row["rule"] == "stf-12" and row["step"] == "raised"]
    assert len(asked) == 1, "the answered fight is no reason to ask"
    assert alerts_of_the_topic(settings) == {(row["alert_id"], row["step"]) for row in rows}

    # What the posts did is in the registers that the figures of answers are counted from.
    derived_registers.keep(settings)
    newest = {}
    for row in open_catalog(settings).load_table("register.alert_answer").scan().to_arrow().to_pylist():
        newest[row["alert"]] = max(newest.get(row["alert"], row), row, key=lambda one: one["known_from"])
    fights = {row["alert_id"]: row["zone"] for row in rows if row["rule"] == "cel-01"}
    became = {fights[alert]: row for alert, row in newest.items() if alert in fights}
    assert became[ANSWERED]["outcome"] == "done"
    # What was said after the last commit of the job is not in the lake yet.
    late, soon = became[FORGOTTEN]["answered"], became[ANSWERED]["answered"]
    assert late is None or late > soon

    journal = Journal(settings.response / "journal.db")
    lines = {
        row[0]: [entry["kind"] for entry in journal.time_line(row[1])]
        for row in journal.db.execute("SELECT DISTINCT json_extract(body, '$.zone'), \"case\" FROM view").fetchall()
    }
    journal.close()
    assert lines[ANSWERED].count("answered") == 3
    assert lines[ANSWERED][-1] in ("closed", "told", "cleared")
    assert "closed" in lines[FORGOTTEN]
    assert audit.verify(settings)[1] == []
