"""Incidents that are put into the quiet life, each with the truth that a rule should find.

An incident kind is one small function with ``@incident(rule, seconds)`` in a file of this package.
It writes legs, events, blind cameras or changed readings onto the stage, says what it expects, and
returns True; or it returns False without a change where it does not fit at that time.
"""

from ingestion.sources.simulator.incidents.inject import inject
from ingestion.sources.simulator.incidents.kinds import KINDS, Kind, incident

__all__ = ["KINDS", "Kind", "incident", "inject"]
