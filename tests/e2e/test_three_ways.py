"""Function, stream job and Spark backtest give the same alerts; `make bench-day` asks the same of a whole day."""

from __future__ import annotations

from datetime import datetime

import pytest

from infra.settings import Settings
from ingestion.sources.simulator import Scenario
from ingestion.sources.simulator.scenario import LOCAL
from tests.support.instance import broker_instance  # noqa: F401
from tests.support.three_ways import by_fold, by_job, by_spark, differences

pytestmark = pytest.mark.jvm


def test_function_job_and_backtest_give_the_same_alerts_of_two_hours_across_midnight(
    broker_instance: Settings,  # noqa: F811
) -> None:
    night = Scenario(
        seed=5,
        start=datetime(2026, 11, 23, 23, 0, tzinfo=LOCAL),
        live_seconds=7200,
        live_facilities=1,
        detainees=8,
        fps=0.5,
    )
    fold, job = by_fold(night), by_job(broker_instance, night)
    assert len({alert["rule"] for alert in fold.values()}) > 20
    assert {alert["cleared"] is None for alert in fold.values()} == {True, False}
    assert not differences(fold, job, by_spark(broker_instance, night))
