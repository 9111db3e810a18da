{# The units that figures are published for: one row a tier and unit. #}
select distinct
    tier,
    unit,
    unit_name_zh,
    unit_name_en,
    province,
    city,
    facility
from {{ ref('int_unit_members') }}
