"""A quiet simulated day of three facilities through the plain fold: no alert at all may be raised.

`make test` asks the same of an hour's third, every hour, at each facility in turn; this is the whole
day in one go, and in one state. Ends with exit code 1 and the alerts where there are any.

    python -m tests.bench.quiet_day [--detainees 12] [--hours 24] [--seed 7]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from datetime import datetime

from ingestion.sources.simulator import Scenario, live
from ingestion.sources.simulator.scenario import LOCAL
from tests.support.simulated import decide


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--detainees", type=int, default=12)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    day = Scenario(
        seed=given.seed,
        live_facilities=3,
        quiet=True,
        fps=1,
        detainees=given.detainees,
        start=datetime(2026, 11, 24, tzinfo=LOCAL),
        live_seconds=round(given.hours * 3600),
    )
    begun = time.process_time()
    out = decide(live(day), day.end_ms + 1000)
    alerts = Counter(
        (a["facility"], a["rule"], a["verdict"], a["zone"], (a["onset"] - day.start_ms) // 1000)
        for a in out.alert
        if a["step"] == "raised"
    )
    for alert in sorted(alerts):
        print(*alert, file=sys.stderr)
    print(
        json.dumps(
            {
                "benchmark": "quiet_day",
                "alerts": len(alerts),
                "quarantined": len(out.quarantine),
                "facility_hours": 3 * given.hours,
                "records": sum(row["records"] for row in out.ledger),
                "cpu_s": round(time.process_time() - begun, 1),
            }
        )
    )
    sys.exit(1 if alerts or out.quarantine else 0)


if __name__ == "__main__":
    main()
