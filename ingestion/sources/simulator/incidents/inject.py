"""Which incidents happen when."""

from __future__ import annotations

from ingestion.sources.simulator.incidents import cell, devices, health, interrogation, staff
from ingestion.sources.simulator.incidents.kinds import KINDS
from ingestion.sources.simulator.stage import Stage

MODULES = (interrogation, cell, staff, health, devices)
"""Importing them fills the register of kinds."""

FIRST_S, APART_S, TRY_S = 60.0, 120.0, 30.0


def inject(stage: Stage) -> None:
    """Put the scenario's incidents onto an empty stage: each kind once, or chosen by chance at a rate."""
    scenario = stage.scenario
    if scenario.quiet or scenario.incidents == "none":
        return
    if scenario.incidents == "each":
        names = list(KINDS)
        spread = (stage.end - FIRST_S) / (len(names) + 1)
        for number, name in enumerate(names):
            _stage(stage, name, FIRST_S + min(APART_S, spread) * number)
        return
    count = int(stage.rng.poisson(float(scenario.incidents) * stage.end / 3600))
    for begin in sorted(stage.rng.uniform(FIRST_S, max(FIRST_S, stage.end - 60), count)):
        _stage(stage, list(KINDS)[int(stage.rng.integers(len(KINDS)))], float(begin))


def _stage(stage: Stage, name: str, begin: float) -> None:
    """Stage at the wanted time or the next at which it fits; where none is left it does not happen."""
    kind = KINDS[name]
    while begin + kind.seconds < stage.end:
        if kind.stage(stage, begin):
            return
        begin += TRY_S
