"""Records a second through the landing into a broker of its own: `make bench-landing`.

Small records (a wristband's reading, about 170 bytes), eight facilities, counts and lake included.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from ingestion.landing import land
from ingestion.sources.record import Record
from tests.support.instance import instance

RECORDS = 1_000_000
ROUNDS = 3
VALUE = (
    b'{"facility":"3301%02d","event_time":%d,"device":"band-17","type":"wristband","subject":"p-0017",'
    b'"zone":"cell-3","worn":true,"heart_rate":72.0,"motion":"still"}'
)


def main() -> None:
    """Print the rate of each round."""
    given = [Record(b"3301%02d" % (n % 8), VALUE % (n % 8, 1_700_000_000_000 + n)) for n in range(RECORDS)]
    size = sum(len(record.value) for record in given) / RECORDS
    with tempfile.TemporaryDirectory() as home, instance(Path(home)) as settings:
        for number in range(ROUNDS):
            began = time.perf_counter()
            report = land(settings, f"bench-{number}", given)
            seconds = time.perf_counter() - began
            if report.landed != RECORDS:
                sys.exit(f"only {report} landed")
            print(f"{RECORDS:,} records of {size:.0f} bytes in {seconds:.1f} s: {RECORDS / seconds:,.0f} records/s")


main()
