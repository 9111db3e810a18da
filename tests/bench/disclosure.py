"""How much is kept, at what cost, and whether anything withheld can be worked out.

    python -m tests.bench.disclosure                  # simulated countries: share kept, seconds (make bench-disclosure)
    python -m tests.bench.disclosure --tables 10000   # random linked tables: audit and attack (make nightly-disclosure)

The first compares the cells that disclosure control keeps with what is left where every row with a small count is
withheld as a whole, by cells and weighted by what they count, on the tables of a build (``--home``) or of simulated
countries. The second exits 1 if the audit finds a fault or the attack pins a number down.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from batch_jobs.disclosure.audit import GIVEN_AWAY, audit
from batch_jobs.disclosure.cells import Flags, Protection
from batch_jobs.disclosure.history import Released, released, together
from batch_jobs.disclosure.job import exact_tables, profile_of
from batch_jobs.disclosure.policy import load_structure
from batch_jobs.disclosure.suppression import suppress
from batch_jobs.disclosure.tables import Layout, lay_out, withhold
from batch_jobs.marts.build import build_marts
from infra.settings import load_settings
from ingestion.sources.simulator import Scenario, write_registers
from quality.attack.reader import find
from quality.attack.statements import attack
from tests.support.linked_tables import Country, statements_of


def random_tables(count: int, first: int) -> int:
    """Audit and attack random tables, each published twice; returns how many numbers were recovered or unprotected."""
    faults, kept, cells_seen, naive_recovered, small = 0, 0, 0, 0, 0
    began = time.perf_counter()
    for seed in range(first, first + count):
        rng = np.random.default_rng(seed)
        protection = Protection(threshold=int(rng.integers(2, 6)), zero_is_small=bool(rng.random() < 0.1))
        before: Released | None = None
        for names, now in Country(rng, protection).publications():
            all_names, whole, place = together(before, names, now)
            decision = suppress(whole, protection)
            bad = [b for b in audit(whole, decision.withheld, protection) if b.fault not in ("", GIVEN_AWAY)]
            found = find(statements_of(whole, decision.withheld), {}, programme=seed % 10 == 0)
            pinned = [n for n, what in found.items() if what.pinned and decision.withheld[n]]
            if bad or pinned:
                print(f"seed {seed}: {[(all_names[b.cell], b) for b in bad]} {pinned}")
            faults += len(bad) + len(pinned)
            kept += int((~decision.withheld[place]).sum())
            cells_seen += len(place)
            before = released(all_names, whole, decision.withheld, place)
        naive = find(statements_of(now, now.sensitive), {}, programme=False)
        naive_recovered += sum(what.pinned and bool(now.sensitive[n]) for n, what in naive.items())
        small += int(now.sensitive.sum())
        if (seed - first + 1) % 500 == 0:
            print(f"{seed - first + 1} tables, {faults} faults, {time.perf_counter() - began:.0f} s", flush=True)
    print(
        f"{count} random tables, published twice: {faults} recovered or unprotected; "
        f"with small cells alone withheld the attack recovers {naive_recovered:,} of {small:,}; "
        f"{kept / cells_seen:.1%} of {cells_seen:,} cells kept; {time.perf_counter() - began:.0f} s"
    )
    return faults


def _whole_rows(layout: Layout, cells: Flags) -> Flags:
    """The rows of some cells, public cells and all."""
    places = layout.places.assign(gone=cells)
    row = places.groupby(["table", "row"])["gone"].transform("any")
    return np.asarray(row & (places["row"] >= 0) & ~layout.cells.hidden)


def _share(layout: Layout, withheld: Flags) -> str:
    shown = ~layout.cells.hidden & (layout.places["row"] >= 0).to_numpy()
    values = layout.cells.values
    left = shown & ~withheld
    return f"{left.sum() / shown.sum():.1%} of cells, {values[left].sum() / values[shown].sum():.1%} of what they count"


def country(home: Path, profile: str) -> None:
    """Measure on the tables of one build."""
    settings = load_settings(home=home)
    settings = settings.model_copy(update={"disclosure_profile": profile})
    structure, rules = load_structure(), profile_of(settings)
    with duckdb.connect(str(settings.marts_db), read_only=True) as connection:
        frames = exact_tables(connection, structure)
    layout = lay_out(frames, structure, rules)
    cells = layout.cells
    began = time.perf_counter()
    decision = suppress(cells, rules.protection)
    chosen = time.perf_counter()
    faults = sum(bool(b.fault) for b in audit(cells, decision.withheld, rules.protection))
    audited = time.perf_counter()
    population = {"population": frames["population"]}
    counts = {}
    small_rows, safe_rows = _whole_rows(layout, cells.sensitive), _whole_rows(layout, decision.withheld)
    for name, withheld in (
        ("small cells alone", cells.sensitive),
        ("their rows", small_rows),
        ("disclosure control", decision.withheld),
    ):
        found = attack([withhold(frames, layout, withheld, structure) | population])
        counts[name] = f"{sum(what.pinned for what in found.values())} of {len(found)}"
    tiers = pd.Series([name.split("|")[2] for name in layout.names])
    by_tier = {tier: f"{1 - decision.withheld[(tiers == tier).to_numpy()].mean():.0%}" for tier in tiers.unique()}
    print(
        f"{profile}: {len(cells.values):,} cells, {cells.relations.shape[0]:,} sums, {cells.sensitive.sum():,} small\n"
        f"  chosen in {chosen - began:.1f} s, audited in {audited - chosen:.1f} s, {faults} faults, "
        f"{decision.known.sum()} given away by the profile\n"
        f"  kept: {_share(layout, decision.withheld)}; by tier {by_tier}\n"
        f"  as safe by whole rows: {_share(layout, safe_rows)}\n"
        f"  whole rows of small counts, not safe: {_share(layout, small_rows)}\n"
        f"  withheld numbers that the attack recovers: {counts['disclosure control']}; with small cells alone withheld "
        f"{counts['small cells alone']}; with their whole rows withheld {counts['their rows']}",
        flush=True,
    )


def main() -> None:
    """Measure, or test at random; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, help="random linked tables instead of countries")
    parser.add_argument("--first", type=int, default=0, help="first seed of the random tables")
    parser.add_argument("--home", type=Path, help="an instance with built marts instead of simulated countries")
    parser.add_argument("--profiles", nargs="+", default=["default", "strict"])
    parser.add_argument("--facilities", type=int, nargs="+", default=[2, 6], help="facilities a city, of 4 cities")
    options = parser.parse_args()
    if options.tables is not None:
        sys.exit(random_tables(options.tables, options.first) > 0)
    if options.home is not None:
        for profile in options.profiles:
            country(options.home, profile)
        return
    for facilities in options.facilities:
        with tempfile.TemporaryDirectory() as folder:
            scenario = Scenario(facilities_per_city=facilities)
            settings = load_settings(home=Path(folder))
            write_registers(settings, scenario)
            build_marts(settings)
            print(f"{4 * facilities} facilities, {scenario.months} months")
            for profile in options.profiles:
                country(Path(folder), profile)


if __name__ == "__main__":
    main()
