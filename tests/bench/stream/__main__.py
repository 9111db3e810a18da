"""`make bench-stream`: one table of what all contenders cost on the same events, checked to raise the same alerts.

    python -m tests.bench.stream [--size 1] [--facilities 4] [--fps 2] [--only NAME ...]

Each contender runs twice over the beginning of the same topic, first a short piece, then a longer
one. What is reported is the difference of the two runs, so that starting an engine, submitting a
job, making the first connections and shutting down cost nobody anything.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from infra.settings import bootstrap, load_settings
from ingestion.landing import land
from ingestion.sources.record import Record
from tests.bench.stream.contestants import CONTESTANTS, Contestant, Found
from tests.bench.stream.load import Load, evening, events, time_of
from tests.bench.stream.measure import Cost, run
from tests.support.instance import instance

SHORT_S, MIDDLE_S, LONG_S = 60, 240, 900
"""Simulated seconds of the three pieces at size 1."""
MARGIN_S = 5
"""The last seconds of a piece are still open where it ends."""


def main() -> None:
    given = _arguments()
    ends = [round(s * given.size) for s in (SHORT_S, MIDDLE_S, LONG_S)]
    scenario = evening(given.facilities, ends[-1], given.detainees, given.fps)
    chosen = [c for c in CONTESTANTS if not given.only or any(part in c.name for part in given.only)]
    with tempfile.TemporaryDirectory() as folder, instance(Path(folder) / "broker") as broker:
        bench = Bench(Path(folder), bootstrap(broker), chosen)
        stream, loads, load = events(scenario), [], Load()
        for number, end_s in enumerate(ends):
            # The piece's first record is the one that ended the piece before.
            last: list[Record] = []
            piece = _until(stream, scenario.start_ms + end_s * 1000, load, last)
            land(broker, "bench", piece)
            stream = chain(last, stream)
            loads.append(Load() + load)
            bench.run(number, [c for c in chosen if number == 0 or c.long == (number == 2)])
        bench.report(loads, scenario.start_ms // 1000 + ends[1] - MARGIN_S)


def _until(stream: Iterator[Record], end_ms: int, load: Load, last: list[Record]) -> Iterator[Record]:
    for record in stream:
        if time_of(record) >= end_ms:
            last.append(record)
            return
        load.count(record)
        yield record


class Bench:
    """Runs contenders, remembers what they cost and found."""

    def __init__(self, folder: Path, broker: str, chosen: list[Contestant]) -> None:
        self._folder, self._broker, self._chosen = folder, broker, chosen
        self._costs: dict[tuple[str, int], Cost] = {}
        self._found: dict[str, Found] = {}

    def run(self, piece: int, contestants: list[Contestant]) -> None:
        for number, one in enumerate(contestants):
            home = self._folder / f"{piece}-{number}"
            where = {"SAFEHOLD_HOME": str(home), "SAFEHOLD_KAFKA_BOOTSTRAP": self._broker}
            os.environ.update(where)
            settings = load_settings()
            env = one.prepare(settings)
            cost = run(one.command(), where | env, self._folder / f"{piece}-{number}.log")
            self._costs[one.name, piece] = cost
            self._found[one.name] = one.alerts(settings)
            print(f"  {one.name}, piece {piece}: {cost.wall_s:.1f} s, {cost.cpu_s:.1f} s CPU", flush=True)

    def report(self, loads: list[Load], until_s: int) -> None:
        print(f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
        header = f"{'contender':<34} {'events/s':>9} {'observations/s':>14} {'CPU s / M observations':>23}"
        print(f"{header}\n{'-' * len(header)}")
        for one in self._chosen:
            piece = 2 if one.long else 1
            load = loads[piece] - loads[0]
            cost = self._costs[one.name, piece] - self._costs[one.name, 0]
            print(
                f"{one.name:<34} {load.events / cost.wall_s:>9,.0f} {load.observations / cost.wall_s:>14,.0f}"
                f" {cost.cpu_s / load.observations * 1e6:>23.1f}"
            )
        self._check(until_s)

    def _check(self, until_s: int) -> None:
        """All contenders must have raised the same alerts of the common rules before ``until_s``."""
        whole = [one for one in self._chosen if one.rules > 1]
        found = {one.name: {a for a in self._found[one.name] if a[4] < until_s} for one in whole}
        first = whole[0].name
        for name, alerts in found.items():
            missing, more = found[first] - alerts, alerts - found[first]
            if missing or more:
                sys.exit(f"{name} differs from {first}: misses {sorted(missing)[:5]}, has besides {sorted(more)[:5]}")
        kinds = sorted({a[1] for a in found[first]})
        print(f"\nthe same {len(found[first])} alerts of {len(kinds)} common rules ({', '.join(kinds)}) in all of them")


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
