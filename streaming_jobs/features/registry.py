"""Every feature that a rule may name, from all domains."""

from __future__ import annotations

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.domains import (
    alarms,
    band,
    capacity,
    cell_entry,
    climate,
    crowding,
    custody_level,
    days,
    duty_hours,
    emergency,
    epidemic,
    escort,
    force_reports,
    gates,
    handover,
    interrogation,
    medical,
    meetings,
    pairs,
    patrol,
    places,
    posts,
    restraints,
    separation,
    sight,
    stillness,
    vitals,
    women_block,
    yard_vehicles,
)
from streaming_jobs.features.feature import GRAINS, Feature, Grain

DOMAINS: tuple[Domain, ...] = (
    sight.DOMAIN,
    pairs.DOMAIN,
    interrogation.DOMAIN,
    patrol.DOMAIN,
    band.DOMAIN,
    meetings.DOMAIN,
    gates.DOMAIN,
    yard_vehicles.DOMAIN,
    crowding.DOMAIN,
    places.DOMAIN,
    stillness.DOMAIN,
    capacity.DOMAIN,
    separation.DOMAIN,  # needs the distances of pairs
    custody_level.DOMAIN,
    days.DOMAIN,
    restraints.DOMAIN,
    posts.DOMAIN,
    duty_hours.DOMAIN,
    handover.DOMAIN,
    cell_entry.DOMAIN,
    women_block.DOMAIN,
    escort.DOMAIN,
    force_reports.DOMAIN,
    alarms.DOMAIN,
    vitals.DOMAIN,
    medical.DOMAIN,
    climate.DOMAIN,
    emergency.DOMAIN,
    epidemic.DOMAIN,  # needs the visits of meetings
)

FEATURES: dict[str, Feature] = {feature.name: feature for domain in DOMAINS for feature in domain.features}
"""All features by name."""

DOMAIN_OF: dict[str, str] = {feature.name: domain.name for domain in DOMAINS for feature in domain.features}
"""The domain of each feature."""

COLUMNS: dict[Grain, dict[str, int]] = {
    grain: {f.name: i for i, f in enumerate(f for f in FEATURES.values() if f.grain == grain)} for grain in GRAINS
}
"""Column of each feature in its grain's matrix."""
