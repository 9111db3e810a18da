"""Do the registers agree with what the cameras and sensors saw?"""

from __future__ import annotations

from quality.suites.check import Check, Tables, none_of

LAG_DAYS = 31
"""The registers may be so far behind the live events; more, and their import has stopped."""


def live(tables: Tables) -> list[Check]:
    """Nobody is seen whom the registers hold dead or gone, nothing where they hold it closed, and they keep up."""
    return [
        none_of(
            "No facility sends events after the register says that it closed.",
            "select f.facility, f.closed, max(l.clock) as last_event_ms from staging.stg_ledger as l "
            "inner join staging.stg_facility as f on l.facility = f.facility "
            "where make_timestamp(l.clock * 1000) > f.closed + interval 1 day group by f.facility, f.closed",
        ),
        none_of(
            "Nobody is observed more than a day after the register says that he died.",
            "select d.death, d.died, r.facility, max(r.scored_at) as seen_ms from staging.stg_risk as r "
            "inner join staging.stg_death as d on r.subject = d.subject "
            "where make_timestamp(r.scored_at * 1000) > d.died + interval 2 day group by d.death, d.died, r.facility",
        ),
        none_of(
            "Nobody is observed more than a day after the register says that he left his last facility.",
            "select s.stay, s.released, max(r.scored_at) as seen_ms from staging.stg_risk as r "
            "inner join (select subject, max_by(stay, admitted) as stay, max(coalesce(released, date '9999-12-30')) "
            "as released from staging.stg_stay group by subject) as s on r.subject = s.subject "
            "where make_timestamp(r.scored_at * 1000) > s.released + interval 2 day group by s.stay, s.released",
        ),
        none_of(
            f"The registers of facilities with live events are at most {LAG_DAYS} days behind them.",
            "select c.data_until, make_timestamp(max(l.clock) * 1000) as last_event from staging.stg_ledger as l "
            "inner join staging.stg_facility as f on l.facility = f.facility "
            "cross join intermediate.int_coverage as c group by c.data_until "
            f"having make_timestamp(max(l.clock) * 1000) > c.data_until + interval {LAG_DAYS} day",
        ),
    ]
