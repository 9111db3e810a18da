select
    {{ unit_columns('units') }},
    ranking.month,
    {{ rounded('ranking.occupancy_pct') }} as occupancy_pct,
    {{ rounded('ranking.adp') }} as adp,
    cast(ranking.load_score as bigint) as load_score,
    cast(ranking.weakness_score as bigint) as weakness_score,
    cast(ranking.load_rank as bigint) as load_rank,
    cast(ranking.weakness_rank as bigint) as weakness_rank,
    ranking.reasons_zh,
    ranking.reasons_en
from {{ ref('mart_facility_ranking') }} as ranking
inner join {{ ref('int_tier_units') }} as units on units.tier = 'facility' and ranking.facility = units.unit
