"""Which incidents happen when."""

from __future__ import annotations

from ingestion.sources.simulator.incidents import cell, devices, escort, health, interrogation, posted, staff, visits
from ingestion.sources.simulator.incidents.kinds import KINDS
from ingestion.sources.simulator.stage import Stage

MODULES = (interrogation, visits, cell, escort, staff, health, devices, posted)
"""Importing them fills the register of kinds."""

FIRST_S, APART_S, TRY_S = 60.0, 120.0, 15.0


def inject(stage: Stage) -> None:
    """Put the scenario's incidents onto an empty stage: each kind once, or chosen by chance at a rate."""
    scenario = stage.scenario
    if scenario.quiet or scenario.incidents == "none":
        return
    if scenario.incidents == "each":
        spread = min(APART_S, (stage.end - FIRST_S) / (len(KINDS) + 1))
        wanted = {name: FIRST_S + spread * number for number, name in enumerate(KINDS)}
        # Those that need people and rooms for long are planned first, whenever they happen.
        for name in sorted(KINDS, key=lambda name: -KINDS[name].seconds):
            _stage(stage, name, wanted[name])
        return
    count = int(stage.rng.poisson(float(scenario.incidents) * stage.end / 3600))
    for begin in sorted(stage.rng.uniform(FIRST_S, max(FIRST_S, stage.end - 60), count)):
        _stage(stage, list(KINDS)[int(stage.rng.integers(len(KINDS)))], float(begin))


def _stage(stage: Stage, name: str, wanted: float) -> bool:
    """Stage at the wanted time, else at the next or last at which it fits; False where there is none."""
    kind = KINDS[name]
    latest = stage.end - kind.seconds - 5
    times = [FIRST_S + TRY_S * n for n in range(int(max(0.0, latest - FIRST_S) // TRY_S) + 1)]
    later = [wanted, *(t for t in times if t > wanted)]
    earlier = [t for t in reversed(times) if t < wanted]
    return any(FIRST_S <= t <= latest and kind.stage(stage, t) for t in (*later, *earlier))
