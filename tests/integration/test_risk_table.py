"""The training table by Spark from the lake is the table of the same lives without it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from batch_jobs.risk.table import Question
from infra.deployment.risk_fit import table_of_careers, table_of_lake
from infra.settings import load_settings
from ingestion.contracts import Alert, ReceivedRecord
from ingestion.sources.simulator import Scenario
from ingestion.sources.simulator.careers import careers
from streaming_jobs.catalogue import load_scorecard
from tests.support.lake import fill

pytestmark = pytest.mark.jvm
SCENARIO, PEOPLE, DAYS = Scenario(seed=4), 60, 30
QUESTION = Question(frozenset({"cel-01", "cel-05", "cel-06"}))


def received(offset: int, at: int, facility: str, payload: bytes) -> ReceivedRecord:
    return ReceivedRecord(
        topic_partition=0, topic_offset=offset, received_at=at, source="test", record_key=facility.encode(),
        payload=payload,
    )  # fmt: skip


def alert(facility: str, subject: str, at: int, rule: str, **other: str) -> Alert:
    fields = {
        "alert_id": f"{subject}-{at}", "rule": rule, "rule_version": 1, "mode": "active", "verdict": "violation",
        "step": "raised", "facility": facility, "zone": "", "subjects": [subject], "severity": "major", "onset": at,
        "raised_at": at, "cleared": None, "accountable": "block_duty", "explanation": "{}", **other,
    }  # fmt: skip
    return Alert.model_validate(fields)


def test_spark_makes_the_same_table_and_repeats_rubbish_and_trials_do_not_matter(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    records, alerts = [], []
    for career in careers(SCENARIO, PEOPLE, DAYS):
        facility = career.events[0].facility
        for event in career.events:
            payload = event.model_dump_json().encode()
            records.append(received(len(records), event.event_time, facility, payload))
        for at, rule in career.alerts:
            alerts.append(alert(facility, career.subject, at, rule))
            alerts.append(alert(facility, career.subject, at, rule, step="cleared"))
            alerts.append(alert(facility, career.subject, at + 1, "cel-06", mode="shadow", alert_id="trial"))
    end = received(len(records), SCENARIO.start_ms, "f", b"{not json")
    bad = records[0].payload.replace(b'"detainee"', b'"king"')  # type: ignore[union-attr]
    again = [r.model_copy(update={"topic_offset": len(records) + 1 + n}) for n, r in enumerate(records[::7])]
    refused = records[0].model_copy(update={"payload": bad, "topic_offset": 10**6})
    last = received(10**6 + 1, SCENARIO.start_ms, facility, b'{"type":"person","subject":"nobody","event_time":1}')
    fill(settings, *records, *again, end, refused, last, *alerts)
    by_spark = table_of_lake(settings, load_scorecard(), QUESTION)
    directly = table_of_careers(SCENARIO, PEOPLE, DAYS, load_scorecard(), QUESTION).drop(columns="truth")
    assert by_spark["outcome"].sum() > 3
    pd.testing.assert_frame_equal(by_spark.sort_index(axis=1), directly.sort_index(axis=1), check_dtype=False)
