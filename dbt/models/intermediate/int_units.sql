{# Administrative units with the codes of the units above them. #}
select
    units.unit,
    units.tier,
    units.name_zh,
    units.name_en,
    case units.tier
        when 'province' then units.unit
        when 'city' then case when parents.tier = 'province' then parents.unit end
    end as province,
    case when units.tier = 'city' then units.unit end as city
from {{ ref('stg_admin_unit') }} as units
left join {{ ref('stg_admin_unit') }} as parents on units.parent = parents.unit
