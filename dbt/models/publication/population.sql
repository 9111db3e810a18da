select
    {{ unit_columns('units') }},
    population.month,
    population.calendar_days,
    population.facilities,
    cast(population.facility_days as bigint) as facility_days,
    cast(population.days_missing as bigint) as days_missing,
    cast(population.person_days as bigint) as person_days,
    {{ rounded('population.adp') }} as adp,
    cast(population.capacity as bigint) as capacity,
    {{ rounded('population.occupancy_pct') }} as occupancy_pct,
    population.facilities_implausible,
    cast(population.head_count_days as bigint) as head_count_days,
    cast(population.head_count_days_differing as bigint) as head_count_days_differing
from {{ ref('mart_population') }} as population
inner join {{ ref('int_tier_units') }} as units on population.tier = units.tier and population.unit = units.unit
where population.facility_days > 0
