{# Inspections by unit and the month they were scheduled for; findings by the month they were found. #}
with inspections as (
    select
        facility,
        {{ month_of('scheduled') }} as month,
        count(case when kind = 'video' then 1 end) as video_scheduled,
        count(case when kind = 'video' and performed is not null then 1 end) as video_performed,
        count(case when kind = 'video' and performed is null then 1 end) as video_missed,
        sum(case when kind = 'video' then required_minutes end) as required_minutes,
        sum(case when kind = 'video' then reviewed_minutes end) as reviewed_minutes,
        count(case when kind <> 'video' and performed is not null then 1 end) as other_performed
    from {{ ref('stg_inspection') }}
    group by facility, {{ month_of('scheduled') }}
),

findings as (
    select
        facility,
        {{ month_of('found') }} as month,
        count(*) as findings,
        count(case when severity in ('serious', 'major') then 1 end) as findings_serious
    from {{ ref('stg_finding') }}
    group by facility, {{ month_of('found') }}
)

select
    members.tier,
    members.unit,
    facilities.month,
    sum(facilities.operating_days) as facility_days,
    coalesce(sum(inspections.video_scheduled), 0) as video_scheduled,
    coalesce(sum(inspections.video_performed), 0) as video_performed,
    coalesce(sum(inspections.video_missed), 0) as video_missed,
    coalesce(sum(inspections.required_minutes), 0) as required_minutes,
    coalesce(sum(inspections.reviewed_minutes), 0) as reviewed_minutes,
    coalesce(sum(inspections.other_performed), 0) as other_performed,
    coalesce(sum(findings.findings), 0) as findings,
    coalesce(sum(findings.findings_serious), 0) as findings_serious
from {{ ref('int_facility_months') }} as facilities
inner join {{ ref('int_unit_members') }} as members on facilities.facility = members.member
left join inspections on facilities.facility = inspections.facility and facilities.month = inspections.month
left join findings on facilities.facility = findings.facility and facilities.month = findings.month
group by members.tier, members.unit, facilities.month
