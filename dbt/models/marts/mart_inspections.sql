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
),

inspections_by_unit as (
    select
        members.tier,
        members.unit,
        inspections.month,
        sum(inspections.video_scheduled) as video_scheduled,
        sum(inspections.video_performed) as video_performed,
        sum(inspections.video_missed) as video_missed,
        sum(inspections.required_minutes) as required_minutes,
        sum(inspections.reviewed_minutes) as reviewed_minutes,
        sum(inspections.other_performed) as other_performed
    from inspections
    inner join {{ ref('int_unit_members') }} as members on inspections.facility = members.member
    group by members.tier, members.unit, inspections.month
),

findings_by_unit as (
    select
        members.tier,
        members.unit,
        findings.month,
        sum(findings.findings) as findings,
        sum(findings.findings_serious) as findings_serious
    from findings
    inner join {{ ref('int_unit_members') }} as members on findings.facility = members.member
    group by members.tier, members.unit, findings.month
)

select
    months.tier,
    months.unit,
    months.month,
    months.facility_days,
    coalesce(inspections.video_scheduled, 0) as video_scheduled,
    coalesce(inspections.video_performed, 0) as video_performed,
    coalesce(inspections.video_missed, 0) as video_missed,
    coalesce(inspections.required_minutes, 0) as required_minutes,
    coalesce(inspections.reviewed_minutes, 0) as reviewed_minutes,
    coalesce(inspections.other_performed, 0) as other_performed,
    coalesce(findings.findings, 0) as findings,
    coalesce(findings.findings_serious, 0) as findings_serious
from {{ ref('mart_population') }} as months
left join inspections_by_unit as inspections
    on months.tier = inspections.tier and months.unit = inspections.unit and months.month = inspections.month
left join findings_by_unit as findings
    on months.tier = findings.tier and months.unit = findings.unit and months.month = findings.month
