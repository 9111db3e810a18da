"""The same records decided three ways: by the pure fold, by the running job, by Spark on the job's stored features."""

from __future__ import annotations

from functools import partial
from typing import Any

from batch_jobs.backtest.job import backtest
from batch_jobs.lakehouse.session import spark_session
from infra.settings import Settings
from ingestion.landing import land
from ingestion.sources.simulator import Scenario, live
from streaming_jobs.catalogue import load_catalogue
from streaming_jobs.export import read_alerts
from streaming_jobs.kernel.backtest import alerts_on
from tests.support.commands import must
from tests.support.scene import config
from tests.support.simulated import decide

Alerts = dict[str, dict[str, Any]]
"""Alerts by id, each with its latest step."""

AFTER_MS = 86_400_000
"""Receipt of the records in the pure fold: any time after their own."""


def by_fold(scenario: Scenario) -> Alerts:
    """What the function gives, without an engine."""
    return {a["alert_id"]: a for a in decide(live(scenario), scenario.end_ms + AFTER_MS, config()).alert}


def by_job(settings: Settings, scenario: Scenario) -> Alerts:
    """What the stream job leaves in the lake; the instance has a running broker."""
    land(settings, "simulator", live(scenario))
    must(settings.home, "run", "--until-drained")
    return {a["alert_id"]: a for a in read_alerts(settings)}


def by_spark(settings: Settings, scenario: Scenario) -> Alerts:
    """What the backtest gives of the features that the job stored. Its alerts have fewer fields."""
    judge = partial(alerts_on, [[], list(load_catalogue())])
    with spark_session(settings, "three-ways") as spark:
        found = backtest(spark, judge, from_ms=scenario.start_ms, to_ms=scenario.end_ms)
    return {a["alert_id"]: a for facility in found for a in facility.added}


def differences(fold: Alerts, job: Alerts, spark: Alerts) -> list[str]:
    """Every alert that is not the same in all three: its id, times and all other fields that two of them have."""
    fields = next(iter(spark.values()), {}).keys()
    return [
        f"{key}: fold {fold.get(key)}, job {job.get(key)}, spark {spark.get(key)}"
        for key in sorted({*fold, *job, *spark})
        if key not in fold or fold[key] != job.get(key) or {name: fold[key][name] for name in fields} != spark.get(key)
    ]
