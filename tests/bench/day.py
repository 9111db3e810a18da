"""All alerts of a simulated day, decided by the function, by the stream job and by the Spark backtest: are they equal?

`make test` asks this of two hours. Ends with exit code 1 and the alerts that differ.

    python -m tests.bench.day [--hours 24] [--detainees 8] [--fps 0.2] [--incidents 4]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from ingestion.sources.simulator import Scenario
from ingestion.sources.simulator.scenario import LOCAL
from tests.support.instance import instance
from tests.support.three_ways import by_fold, by_job, by_spark, differences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--detainees", type=int, default=8)
    parser.add_argument("--fps", type=float, default=0.2)
    parser.add_argument("--incidents", type=float, default=4.0, help="an hour")
    given = parser.parse_args()
    day = Scenario(
        seed=5,
        start=datetime(2026, 11, 24, tzinfo=LOCAL),
        live_seconds=round(given.hours * 3600),
        live_facilities=1,
        detainees=given.detainees,
        fps=given.fps,
        incidents=given.incidents,
    )
    fold = by_fold(day)
    with tempfile.TemporaryDirectory() as folder, instance(Path(folder) / "home") as settings:
        job = by_job(settings, day)
        spark = by_spark(settings, day)
    different = differences(fold, job, spark)
    print("\n".join(different), file=sys.stderr)
    numbers = {"fold": len(fold), "job": len(job), "spark": len(spark), "different": len(different)}
    rules = len({alert["rule"] for alert in fold.values()})
    print(json.dumps({"benchmark": "day", "hours": given.hours, "alerts": numbers, "rules_raised": rules}))
    sys.exit(1 if different or not fold else 0)


if __name__ == "__main__":
    main()
