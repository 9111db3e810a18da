"""Incidents of health that show in a person's movement or wristband."""

from __future__ import annotations

from typing import Any

from ingestion.sources.simulator.incidents.kinds import KINDS, Kind, incident
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


BAND_INCIDENTS: tuple[tuple[str, str, float, dict[str, Any], float], ...] = (
    # name, rule, seconds, what the band says instead (nothing: it is silent), seconds until the rule's condition
    # (a band that falls silent was last heard up to 8 s before)
    ("heart_races", "hlt-01", 100, {"heart_rate": 168.0}, 0),
    ("oxygen_low", "hlt-01", 100, {"spo2": 84.0}, 0),
    ("band_off", "hlt-02", 110, {"worn": False, "heart_rate": None, "spo2": None, "motion": "still"}, 0),
    ("band_silent", "hlt-02", 335, {}, 292),
)


def _band(name: str, rule: str, seconds: float, fields: dict[str, Any], after: float) -> Kind:
    def stage_it(stage: Stage, begin: float) -> bool:
        found = stage.pick(stage.detainees(), begin, begin + seconds)
        if found is None:
            return False
        person = found[0]
        stage.vitals.append((person.subject or "", begin, begin + seconds, fields))
        stage.expect(rule, name, person.home_zone, [person], begin + after, begin + seconds)
        return True

    return Kind(name, rule, seconds + 10, stage_it)


KINDS.update({row[0]: _band(*row) for row in BAND_INCIDENTS})
