{%- set columns = [
    'drills_planned', 'drills_held', 'drills_passed', 'complaints_received', 'complaints_about_staff',
    'complaints_answered_on_time', 'medical_duties_due', 'medical_duties_met', 'medical_duties_late', 'medical_duties_missed',
] -%}
select
    {{ unit_columns('units') }},
    duties.month,
    {% for column in columns -%}
    cast(duties.{{ column }} as bigint) as {{ column }}{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref('mart_duties') }} as duties
inner join {{ ref('int_tier_units') }} as units on duties.tier = units.tier and duties.unit = units.unit
where
    duties.facility_type = 'all'
    and (duties.facility_days > 0 or duties.drills_planned + duties.complaints_received + duties.medical_duties_due > 0)
