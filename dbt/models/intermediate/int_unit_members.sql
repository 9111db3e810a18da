{#
    Which facilities a unit of each tier adds up, and those of one facility type in it: one row a facility, tier and
    type, where `all` takes every facility. At the facility tier there is nothing to break down.
#}
with facilities as (
    select *, 'all' as of_type from {{ ref('int_facilities') }}
    union all
    select *, facility_type as of_type from {{ ref('int_facilities') }} where facility_type is not null
)

select
    'facility' as tier,
    facility as unit,
    name_zh as unit_name_zh,
    name_en as unit_name_en,
    province,
    city,
    facility,
    of_type as facility_type,
    facility as member
from facilities
where of_type = 'all'
{% for tier in ['city', 'province'] -%}
union all
select
    '{{ tier }}',
    units.unit,
    units.name_zh,
    units.name_en,
    units.province,
    {{ 'units.city' if tier == 'city' else 'null' }},
    null,
    facilities.of_type,
    facilities.facility
from facilities
inner join {{ ref('int_units') }} as units on facilities.{{ tier }} = units.unit
{% endfor -%}
union all
select
    'nation',
    nation.unit,
    nation.name_zh,
    nation.name_en,
    null,
    null,
    null,
    facilities.of_type,
    facilities.facility
from facilities
cross join {{ ref('int_nation') }} as nation
