{#
    Where the inspections on site stand at the end of each month: outcome of each facility's last one, the median interval
    to the one before, and how many are overdue. Medians are over facilities, so every tier is counted from them anew.
#}
with facilities as (
    select
        members.tier,
        members.unit,
        members.facility_type,
        months.month,
        status.facility as inspected,
        status.outcome,
        status.days_between,
        status.days_since
    from {{ ref('int_facility_months') }} as months
    inner join {{ ref('int_unit_members') }} as members on months.facility = members.member
    left join {{ ref('int_inspection_months') }} as status
        on months.facility = status.facility and months.month = status.month
    where months.operating_days > 0
)

select
    tier,
    unit,
    facility_type,
    month,
    count(*) as facilities_operating,
    count(inspected) as facilities_inspected,
    count(case when outcome = 'passed' then 1 end) as last_passed,
    count(case when outcome = 'findings' then 1 end) as last_with_findings,
    count(case when outcome = 'failed' then 1 end) as last_failed,
    count(case when outcome = 'open' then 1 end) as last_open,
    count(case when days_since > {{ var('inspection_due_days') }} then 1 end) as inspections_overdue,
    cast(median(days_between) as double) as median_interval_days
from facilities
group by tier, unit, facility_type, month
