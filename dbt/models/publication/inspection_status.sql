{%- set columns = [
    'facilities_operating', 'facilities_inspected', 'last_passed', 'last_with_findings', 'last_failed', 'last_open', 'inspections_overdue',
] -%}
select
    {{ unit_columns('units') }},
    status.facility_type,
    status.month,
    {% for column in columns -%}
    cast(status.{{ column }} as bigint) as {{ column }},
    {% endfor -%}
    case
        when status.facilities_inspected > 0
            then {{ rounded(percent_of('status.inspections_overdue', 'status.facilities_inspected')) }}
    end as overdue_pct,
    status.median_interval_days
from {{ ref('mart_inspection_status') }} as status
inner join {{ ref('int_tier_units') }} as units on status.tier = units.tier and status.unit = units.unit
