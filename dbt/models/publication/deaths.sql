select
    {{ unit_columns('units') }},
    deaths.month,
    {% for column in ['deaths_total', 'deaths_illness', 'deaths_unnatural', 'deaths_pending', 'deaths_unknown', 'deaths_off_site', 'unnatural_low', 'unnatural_high'] -%}
    {{ unless_unreported('deaths', column, 'deaths_total') }},
    {% endfor -%}
    {{ in_full_window('deaths', 'deaths_12m') }},
    {{ in_full_window('deaths', 'deaths_12m_in_rate') }},
    {{ in_full_window('deaths', 'unnatural_low_12m') }},
    {{ in_full_window('deaths', 'unnatural_high_12m') }},
    {{ rate_columns('deaths.deaths_12m_in_rate', 'deaths.deaths_12m', 'population.adp_12m', 'population.months_12m') }},
    '' as withheld
from {{ ref('mart_deaths') }} as deaths
inner join {{ ref('mart_population') }} as population
    on deaths.tier = population.tier and deaths.unit = population.unit and deaths.month = population.month
inner join {{ ref('int_tier_units') }} as units on deaths.tier = units.tier and deaths.unit = units.unit
left join {{ ref('garwood_limits') }} as limits on deaths.deaths_12m_in_rate = limits.events
where population.facility_days > 0 or deaths.deaths_12m > 0
