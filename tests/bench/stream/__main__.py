"""`make bench-stream`: one table of what all contenders cost on the same events, checked to raise the same alerts.

    python -m tests.bench.stream [--size 1] [--facilities 4] [--fps 2] [--only NAME ...]

Each contender reads the topic from its beginning to its end. What is reported is what it cost between
two of its commits to the lake, after a quarter of the input and before the last of it, so that starting
an engine, submitting a job, warming up and shutting down cost nobody anything.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from more_itertools import peekable

from infra.settings import bootstrap, load_settings
from ingestion.landing import land
from ingestion.sources.record import Record
from tests.bench.stream.contestants import CONTESTANTS, Contestant, Found
from tests.bench.stream.load import Load, evening, events, time_of
from tests.bench.stream.measure import run, steady
from tests.support.instance import instance

THEIRS_S, OURS_S = 900, 2700
"""Simulated seconds at size 1. Both are a minute or two of work, or JVMs would still be compiling."""
MARGIN_S = 5
"""The last seconds of a piece are still open where it ends."""


def main() -> None:
    given = _arguments()
    ends = [round(s * given.size) for s in (THEIRS_S, OURS_S)]
    scenario = evening(given.facilities, ends[-1], given.detainees, given.fps)
    chosen = [c for c in CONTESTANTS if not given.only or any(part in c.name for part in given.only)]
    stream, load = peekable(events(scenario)), Load()
    with tempfile.TemporaryDirectory() as folder, instance(Path(folder) / "broker") as broker:
        bench = Bench(Path(folder), bootstrap(broker))
        for end_s, ours in zip(ends, (False, True), strict=True):
            land(broker, "bench", _until(stream, scenario.start_ms + end_s * 1000, load))
            print(f"{load.events:,} events, {load.observations:,} observations, {load.bytes / 1e6:,.0f} MB", flush=True)
            for one in chosen:
                if one.ours == ours:
                    bench.run(one, load)
    bench.check(scenario.start_ms // 1000 + ends[0] - MARGIN_S)


def _until(stream: peekable[Record], end_ms: int, load: Load) -> Iterator[Record]:
    while stream and time_of(stream.peek()) < end_ms:
        record = next(stream)
        load.count(record)
        yield record


class Bench:
    """Runs contenders, prints what they cost, remembers what they found."""

    def __init__(self, folder: Path, broker: str) -> None:
        self._folder, self._broker = folder, broker
        self._found: list[tuple[str, Found]] = []
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")

    def run(self, one: Contestant, load: Load) -> None:
        if not self._found:
            print(f"{'contender':<34} {'events/s':>9} {'observations/s':>14} {'CPU s / M observations':>23}")
        name = one.name.replace(" ", "-").replace(",", "")
        where = {"SAFEHOLD_HOME": str(self._folder / name), "SAFEHOLD_KAFKA_BOOTSTRAP": self._broker}
        settings = load_settings(home=self._folder / name, kafka_bootstrap=self._broker)
        env = one.prepare(settings)
        session = run(one.command(), where | env, self._folder / f"{name}.log")
        cost = steady(session, one.commits(settings))
        of_load = load.times(cost.share)
        print(
            f"{one.name:<34} {of_load.events / cost.wall_s:>9,.0f} {of_load.observations / cost.wall_s:>14,.0f}"
            f" {cost.cpu_s / of_load.observations * 1e6:>23.1f}",
            flush=True,
        )
        if one.rules > 1:
            self._found.append((one.name, one.alerts(settings)))

    def check(self, until_s: int) -> None:
        """All contenders must have raised the same alerts of the common rules before ``until_s``."""
        found = [(name, {a for a in alerts if a[4] < until_s}) for name, alerts in self._found]
        first, expected = found[-1]
        for name, alerts in found:
            if alerts != expected:
                missing, more = sorted(expected - alerts), sorted(alerts - expected)
                sys.exit(f"{name} differs from {first}: misses {missing[:5]}, has besides {more[:5]}")
        kinds = sorted({a[1] for a in expected})
        print(f"the same {len(expected)} alerts of {', '.join(kinds)} in all of them, up to onset and second raised")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=float, default=1.0, help="how much longer the pieces are")
    parser.add_argument("--facilities", type=int, default=4)
    parser.add_argument("--detainees", type=int, default=60, help="of each facility")
    parser.add_argument("--fps", type=float, default=2.0, help="frames a second and camera")
    parser.add_argument("--only", nargs="*", help="contenders whose name has one of these parts")
    return parser.parse_args()


if __name__ == "__main__":
    main()
