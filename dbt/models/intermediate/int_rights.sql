{# Counts of rights by facility and month, a row for each. A register speaks of a facility from its first row on. #}
{% for column in custody_measures() -%}
select facility, month, '{{ column }}' as what, cast({{ column }} as bigint) as number from {{ ref('int_custody_months') }}
union all
{% endfor -%}
{% for model, what in {'int_restraints': 'restraint', 'int_lawyer_requests': 'lawyer'}.items() -%}
select facility, month, concat('{{ what }}_', outcome), count(*) from {{ ref(model) }} group by facility, month, outcome
union all
select
    months.facility,
    months.month,
    '{{ what }}_facilities',
    1
from {{ ref('int_facility_months') }} as months
inner join (
    select facility, min(month) as first_month from {{ ref(model) }} group by facility
) as register on months.facility = register.facility
where months.month >= register.first_month and months.operating_days > 0
union all
{% endfor -%}
select facility, month, 'restraint_still_on', count(*) from {{ ref('int_restraints') }} where still_on group by facility, month
union all
select facility, month, 'restraint_seconds', sum(seconds_worn) from {{ ref('int_restraints') }} where not still_on group by facility, month
