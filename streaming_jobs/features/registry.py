"""Every feature that a rule may name, from all domains."""

from __future__ import annotations

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.domains import band, interrogation, pairs, patrol, sight
from streaming_jobs.features.feature import GRAINS, Feature, Grain

DOMAINS: tuple[Domain, ...] = (sight.DOMAIN, pairs.DOMAIN, interrogation.DOMAIN, patrol.DOMAIN, band.DOMAIN)

FEATURES: dict[str, Feature] = {feature.name: feature for domain in DOMAINS for feature in domain.features}
"""All features by name."""

COLUMNS: dict[Grain, dict[str, int]] = {
    grain: {f.name: i for i, f in enumerate(f for f in FEATURES.values() if f.grain == grain)} for grain in GRAINS
}
"""Column of each feature in its grain's matrix."""
