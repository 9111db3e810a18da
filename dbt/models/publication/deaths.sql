select
    {{ unit_columns('units') }},
    deaths.month,
    {% for column in ['deaths_total', 'deaths_illness', 'deaths_unnatural', 'deaths_pending', 'deaths_unknown', 'deaths_off_site', 'unnatural_low', 'unnatural_high'] -%}
    {{ unless_unreported('deaths', column, 'deaths_total') }},
    {% endfor -%}
    cast(deaths.deaths_12m as bigint) as deaths_12m,
    cast(deaths.deaths_12m_in_rate as bigint) as deaths_12m_in_rate,
    cast(deaths.unnatural_low_12m as bigint) as unnatural_low_12m,
    cast(deaths.unnatural_high_12m as bigint) as unnatural_high_12m,
    {{ rate_columns('deaths.deaths_12m_in_rate', 'population.adp_12m', 'population.months_12m') }}
from {{ ref('mart_deaths') }} as deaths
inner join {{ ref('mart_population') }} as population
    on deaths.tier = population.tier and deaths.unit = population.unit and deaths.month = population.month
inner join {{ ref('int_tier_units') }} as units on deaths.tier = units.tier and deaths.unit = units.unit
left join {{ ref('garwood_limits') }} as limits on deaths.deaths_12m_in_rate = limits.events
where population.facility_days > 0 or deaths.deaths_12m > 0
