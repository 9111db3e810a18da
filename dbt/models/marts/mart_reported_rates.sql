{#
    Reported counts by unit and period. The rate takes the counts and the person-days of the same facilities: one that
    stops reporting leaves both, and does not pull the rate down.
#}
select
    members.tier,
    members.unit,
    members.facility_type,
    reported.measure,
    reported.period_from,
    reported.period_to,
    max(reported.days) as days,
    count(*) as facilities_reporting,
    count(reported.exposure) as facilities_in_rate,
    sum(reported.value) as reported,
    coalesce(sum(case when reported.exposure is not null then reported.value end), 0) as reported_in_rate,
    sum(reported.exposure) / max(reported.days) as adp
from {{ ref('int_reported_periods') }} as reported
inner join {{ ref('int_unit_members') }} as members on reported.facility = members.member
group by members.tier, members.unit, members.facility_type, reported.measure, reported.period_from, reported.period_to
