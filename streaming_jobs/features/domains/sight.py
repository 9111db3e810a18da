"""What cameras show of people and places: counts, posture, speed, blindness."""

from __future__ import annotations

import numpy as np

from streaming_jobs.features.domain import Domain, Stateless
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import BAND_SILENT_S, Sheet
from streaming_jobs.features.world import NEVER_MS, POSTURES, ROLES

UNSEEN = "not seen in the last seconds"
FEATURES = (
    Feature("facility.people", "persons", "People seen by any camera.", "no camera works"),
    Feature("zone.detainees", "persons", "Detainees seen in the zone.", "no working camera covers it"),
    Feature("zone.officers", "persons", "Officers seen in the zone.", "no working camera covers it"),
    Feature(
        "zone.camera_blind_s",
        "s",
        "Time since the last good frame of the best camera that covers the zone.",
        "the plan has no camera for the zone, or the zone lies within another",
    ),
    Feature("subject.speed", "m/s", "Speed over the floor.", UNSEEN),
    Feature("subject.running_allowed", "bool", "The zone allows running (yard sports).", UNSEEN),
    Feature("subject.lying", "bool", "The posture is lying.", "posture unknown, or not seen"),
    Feature("subject.climbing", "bool", "The posture is climbing.", "posture unknown, or not seen"),
    Feature("subject.covered", "bool", "Lying with the head under the cover.", "posture unknown, or not seen"),
    Feature("subject.on_bed", "bool", "The person is in a bed zone.", UNSEEN),
    Feature(
        "subject.followed",
        "bool",
        "Somebody of the register, or seen or heard now; 0 for a track that ended, which goes on under another name.",
        "never",
    ),
    Feature("subject.detainee", "bool", "The role is detainee.", "role unknown"),
)


def compute(state: Stateless, sheet: Sheet) -> None:
    plan = sheet.world.plan
    sheet.set("facility.people", float(sheet.in_sight.sum()) if sheet.watched.any() else np.nan)
    sheet.set("zone.detainees", np.where(sheet.watched, sheet.count("detainee"), np.nan))
    sheet.set("zone.officers", np.where(sheet.watched, sheet.count("officer"), np.nan))
    # A place within another (a bed in a cell) is watched with it: one alert for both.
    sheet.set("zone.camera_blind_s", np.where(plan.parent >= 0, np.nan, sheet.blind_s))

    seen = sheet.subject_seen
    zone, posture, role = (sheet.subject_column(name) for name in ("zone", "posture", "role"))
    now = seen & (sheet.subject_column("seen_s") == sheet.second)
    sheet.set("subject.speed", np.where(now, sheet.subject_column("speed", np.nan), np.nan))
    sheet.set("subject.running_allowed", np.where(seen, plan.running_allowed[zone], np.nan))
    sheet.set("subject.on_bed", np.where(seen, plan.is_bed[zone], np.nan))
    known = seen & (posture != POSTURES["unknown"])
    covered = posture == POSTURES["covered"]
    sheet.set("subject.lying", np.where(known, covered | (posture == POSTURES["lying"]), np.nan))
    sheet.set("subject.climbing", np.where(known, posture == POSTURES["climbing"], np.nan))
    sheet.set("subject.covered", np.where(known, covered, np.nan))
    heard = sheet.second - sheet.subject_column("band_s", NEVER_MS) <= BAND_SILENT_S
    sheet.set("subject.followed", sheet.roll.listed | seen | heard)
    # The register knows a role that no camera has shown yet.
    role = np.where((role < 0) | (role == ROLES["unknown"]), sheet.roll.role, role)
    sheet.set("subject.detainee", np.where(role == ROLES["unknown"], np.nan, role == ROLES["detainee"]))


DOMAIN = Domain("sight", FEATURES, compute)
