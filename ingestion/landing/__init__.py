"""How records reach the broker: posting, counting, and quarantine of what the broker refuses.

Count law: what a source offered is landed, quarantined, or still waiting in the spool.
"""

from ingestion.landing.land import land, send_spool
from ingestion.landing.report import LandingReport
from ingestion.landing.withheld import Withheld

__all__ = ["LandingReport", "Withheld", "land", "send_spool"]
