"""Incidents of health."""

from __future__ import annotations

from ingestion.sources.simulator.incidents.kinds import incident
from ingestion.sources.simulator.movement import LYING, STANDING
from ingestion.sources.simulator.stage import Stage


@incident("hlt-03", 120)
def fall(stage: Stage, begin: float) -> bool:
    """Somebody falls in the cell and is up again after 25 s: too late for a stumble, too early for `person down`."""
    found = stage.pick([p for p in stage.detainees() if not p.home_zone.endswith("/bed")], begin, begin + 60)
    if found is None:
        return False
    person = found[0]
    leg = stage.start_leg(person, begin)
    down = leg.walk([person.home]).end
    leg.be(LYING).stay(down + 24).be(STANDING).walk([stage.home(person, begin + 60)[0]])
    person.legs.append(leg)
    band = f"band-{person.subject}"
    common = {"subject": person.subject, "zone": person.cell, "worn": True, "spo2": 96.0}
    stage.post(down, "wristband", band, motion="fall", heart_rate=118.0, **common)
    stage.post(down + 25, "wristband", band, motion="risen", heart_rate=104.0, **common)
    stage.expect("hlt-03", "fall", person.home_zone, [person], down, down + 25)
    return True
