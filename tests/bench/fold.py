"""What the pure fold costs, without a JVM: observations a CPU second with 1, all and 580 rules, and where time goes.

Prints one JSON object. ``ratio`` is the cost beside one rule's, in one run. ``per event`` is what the stream
benchmark's contenders run: as many rules, of the kinds that all of them can express, in a loop over events
with orjson; without order, checks, duplicates, and the features of other rules. ``decoding`` is msgspec
alone. All of that is measured after the first tenth of the seconds, in which a fold compiles its rules and
reports them, once. ``share`` is the part of the time in each module's own lines and in what it calls in NumPy and
msgspec, from a run of its own under the profiler, which makes many small calls look dearer than they are.

    python -m tests.bench.fold [--seconds 600] [--detainees 60] [--fps 2]
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import PurePath

import numpy as np
import orjson

from ingestion.sources.simulator import Scenario, live
from streaming_jobs.catalogue import Catalogue, load_catalogue
from streaming_jobs.fold.admit import DECODER
from streaming_jobs.fold.codec import decode_state, encode_state
from streaming_jobs.fold.envelope import Received
from streaming_jobs.fold.facility import FacilityFold, FoldConfig
from tests.bench.stream.common import common_rules, copies
from tests.bench.stream.contenders.rules import DAY
from tests.bench.stream.load import time_of
from tests.bench.stream.ruleset import Facility, RuleSet

BATCH_MS = 200
MANY = 580
WARM_PART = 10
STRETCH = 25


def batches_of(scenario: Scenario) -> tuple[bytes, list[list[Received]]]:
    """One facility's records, received as they happen, cut as the job cuts them."""
    batches: dict[int, list[Received]] = defaultdict(list)
    key, now = b"", 0
    for offset, record in enumerate(live(scenario)):
        key = record.key or key
        now = max(now, time_of(record))
        batches[now // BATCH_MS].append(Received(offset, now, record.source or "", record.value))
    return key, list(batches.values())


def fold_all(key: bytes, batches: list[list[Received]], config: FoldConfig) -> tuple[int, FacilityFold]:
    """Observations accepted, and the fold at the end."""
    fold = FacilityFold(key, config)
    return sum(row["observations"] for batch in batches for row in fold.process(0, batch).ledger), fold


Step = Callable[[list[Received]], object]


def folding(key: bytes, config: FoldConfig) -> Step:
    """Our way with a batch."""
    return partial(FacilityFold(key, config).process, 0)


def per_event(rules: RuleSet) -> Step:
    """The contenders' way."""
    facility = Facility()

    def step(batch: list[Received]) -> None:
        for record in batch:
            rules.on_event(facility, orjson.loads(record.payload or b""))

    return step


def decoding() -> Step:
    """What no decision can be cheaper than."""

    def step(batch: list[Received]) -> None:
        for record in batch:
            DECODER.decode(record.payload or b"")

    return step


def _warm(batches: list[list[Received]]) -> int:
    """Stretches that are not measured, one at least."""
    return max(1, len(batches) // STRETCH // WARM_PART)


def _cpu_s(ways: dict[str, Callable[[], Step]], batches: list[list[Received]], repeat: int) -> dict[str, float]:
    """CPU time by name of the way, its least for each stretch of the batches: other work only adds to it.

    All ways go through a stretch before the next one begins, so that they meet the same machine.
    """
    stretches = [batches[n : n + STRETCH] for n in range(0, len(batches), STRETCH)]
    spent = {name: np.full((repeat, len(stretches)), np.nan) for name in ways}
    for turn in range(repeat):
        steps = {name: begin() for name, begin in ways.items()}
        for number, stretch in enumerate(stretches):
            for name, step in steps.items():
                began = time.process_time()
                for batch in stretch:
                    step(batch)
                spent[name][turn, number] = time.process_time() - began
    return {name: float(times[:, _warm(batches) :].min(axis=0).sum()) for name, times in spent.items()}


def _shares(key: bytes, batches: list[list[Received]], config: FoldConfig) -> dict[str, float]:
    """Share of the time by module of this project; what a library took is its caller's."""
    profile = cProfile.Profile()
    profile.runcall(fold_all, key, batches, config)
    own: dict[str, float] = defaultdict(float)
    for (file, _, _), (_, _, spent, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if "streaming_jobs" in file:
            own[_module(file)] += spent
            continue
        for (caller, _, _), (_, _, part, _) in callers.items():
            own[_module(caller) if "streaming_jobs" in caller else "libraries"] += part
    total = sum(own.values())
    return {name: round(spent / total, 3) for name, spent in sorted(own.items(), key=lambda p: -p[1])[:20]}


def _state(fold: FacilityFold, config: FoldConfig, times: int = 50) -> dict[str, float]:
    """What writing and reading the state costs: it is written once a second decided."""
    began = time.process_time()
    for _ in range(times):
        data = encode_state(fold)
    written = time.process_time()
    for _ in range(times):
        decode_state(data, config)
    read = time.process_time()
    scale = 1000 / times
    return {
        "bytes": len(data),
        "write_ms": round((written - began) * scale, 2),
        "read_ms": round((read - written) * scale, 2),
    }


def _module(file: str) -> str:
    parts = PurePath(file).with_suffix("").parts
    return "/".join(parts[parts.index("streaming_jobs") + 1 :])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--detainees", type=int, default=60)
    parser.add_argument("--fps", type=float, default=2.0)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    key, batches = batches_of(
        Scenario(seed=3, live_facilities=1, live_seconds=given.seconds, detainees=given.detainees, fps=given.fps)
    )
    rules = load_catalogue().rules
    config = FoldConfig.load(2000, 3_600_000, features=True)
    sets = {"1": rules[:1], str(len(rules)): rules, str(MANY): tuple(rule for _, rule in copies(list(rules), MANY))}
    ways: dict[str, Callable[[], Step]] = {
        name: partial(folding, key, replace(config, catalogue=Catalogue(chosen))) for name, chosen in sets.items()
    }
    ways["per event"] = partial(per_event, RuleSet(common_rules(len(rules)), DAY))
    ways["decoding"] = decoding
    observations, fold = fold_all(key, batches, config)
    costs = _cpu_s(ways, batches, given.repeat)
    measured = 1 - _warm(batches) * STRETCH / len(batches)
    a_cpu_s = {name: round(observations * measured / spent) for name, spent in costs.items()}
    ms = {name: round(1000 * spent / given.seconds / measured, 2) for name, spent in costs.items()}
    print(
        json.dumps(
            {
                "benchmark": "fold",
                "observations": observations,
                "observations_per_cpu_s": a_cpu_s,
                "ms_per_facility_second": ms,
                "ratio": {name: round(spent / costs["1"], 2) for name, spent in costs.items()},
                "state": _state(fold, config),
                "share": _shares(key, batches, config),
                "detainees": given.detainees,
                "fps": given.fps,
                "seconds_simulated": given.seconds,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
