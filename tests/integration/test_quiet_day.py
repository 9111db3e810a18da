"""Quiet life is quiet: twenty minutes of every hour of a day, at three facilities in turn.

The whole day of all three in one state is `make bench-quiet_day`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ingestion.sources.simulator import Scenario, live
from ingestion.sources.simulator.scenario import LOCAL
from tests.support.simulated import decide

MIDNIGHT = datetime(2026, 11, 24, tzinfo=LOCAL)
SIZES = (12, 18, 24)


@pytest.mark.parametrize("hour", range(24))
def test_no_hour_of_a_quiet_day_raises_an_alert(hour: int) -> None:
    # It begins ten minutes before the hour, at which rounds, meals and shifts begin.
    start = MIDNIGHT + timedelta(hours=hour, minutes=-10)
    quiet = Scenario(
        seed=hour, live_facilities=1, quiet=True, fps=1, detainees=SIZES[hour % 3], start=start, live_seconds=1200
    )
    out = decide(live(quiet), quiet.end_ms + 1000)
    assert [(a["rule"], a["verdict"], a["zone"], a["onset"]) for a in out.alert] == []
    assert out.quarantine == []
