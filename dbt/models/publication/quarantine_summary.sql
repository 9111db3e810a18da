with counted as (
    select
        coalesce(facilities.unit, nation.unit) as unit,
        coalesce(facilities.tier, 'nation') as tier,
        quarantine.source,
        quarantine.stage,
        quarantine.reason,
        count(*) as records
    from {{ ref('stg_quarantine') }} as quarantine
    cross join {{ ref('int_nation') }} as nation
    left join {{ ref('int_tier_units') }} as facilities
        on facilities.tier = 'facility' and quarantine.facility = facilities.unit
    group by
        coalesce(facilities.unit, nation.unit),
        coalesce(facilities.tier, 'nation'),
        quarantine.source,
        quarantine.stage,
        quarantine.reason
)

select
    counted.tier,
    counted.unit,
    coalesce(facilities.unit_name_zh, nation.name_zh) as unit_name_zh,
    coalesce(facilities.unit_name_en, nation.name_en) as unit_name_en,
    facilities.province,
    facilities.city,
    facilities.facility,
    counted.source,
    counted.stage,
    counted.reason,
    counted.records
from counted
cross join {{ ref('int_nation') }} as nation
left join {{ ref('int_tier_units') }} as facilities on counted.tier = facilities.tier and counted.unit = facilities.unit
