select
    {{ unit_columns('units') }},
    measures.month,
    measures.kind,
    cast(measures.facilities_under as bigint) as facilities_under,
    cast(measures.facility_days as bigint) as facility_days,
    cast(measures.days_under as bigint) as days_under,
    cast(measures.days_whole as bigint) as days_whole,
    cast(measures.blocks_under as bigint) as blocks_under
from {{ ref('mart_epidemic_measures') }} as measures
inner join {{ ref('int_tier_units') }} as units on measures.tier = units.tier and measures.unit = units.unit
where measures.facility_type = 'all' and measures.facility_days > 0
