{# Which facilities a unit of each tier adds up: one row a facility and tier. #}
select
    'facility' as tier,
    facility as unit,
    name_zh as unit_name_zh,
    name_en as unit_name_en,
    province,
    city,
    facility,
    facility as member
from {{ ref('int_facilities') }}
union all
select
    'city',
    units.unit,
    units.name_zh,
    units.name_en,
    units.province,
    units.city,
    null,
    facilities.facility
from {{ ref('int_facilities') }} as facilities
inner join {{ ref('int_units') }} as units on facilities.city = units.unit
union all
select
    'province',
    units.unit,
    units.name_zh,
    units.name_en,
    units.province,
    null,
    null,
    facilities.facility
from {{ ref('int_facilities') }} as facilities
inner join {{ ref('int_units') }} as units on facilities.province = units.unit
union all
select
    'nation',
    nation.unit,
    nation.name_zh,
    nation.name_en,
    null,
    null,
    null,
    facilities.facility
from {{ ref('int_facilities') }} as facilities
cross join {{ ref('int_nation') }} as nation
