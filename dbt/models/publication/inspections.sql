select
    {{ unit_columns('units') }},
    inspections.month,
    cast(inspections.video_scheduled as bigint) as video_scheduled,
    cast(inspections.video_performed as bigint) as video_performed,
    cast(inspections.video_missed as bigint) as video_missed,
    cast(inspections.required_minutes as bigint) as required_minutes,
    cast(inspections.reviewed_minutes as bigint) as reviewed_minutes,
    case
        when inspections.required_minutes > 0
            then {{ rounded(percent_of('inspections.reviewed_minutes', 'inspections.required_minutes')) }}
    end as coverage_pct,
    cast(inspections.other_performed as bigint) as other_performed,
    cast(inspections.findings as bigint) as findings,
    cast(inspections.findings_serious as bigint) as findings_serious
from {{ ref('mart_inspections') }} as inspections
inner join {{ ref('int_tier_units') }} as units on inspections.tier = units.tier and inspections.unit = units.unit
where inspections.facility_days > 0 or inspections.video_scheduled + inspections.other_performed + inspections.findings > 0
