select
    {{ unit_columns('units') }},
    accidents.month,
    {% for column in ['minor', 'serious', 'major', 'incidents_total', 'detainees_involved', 'staff_involved'] -%}
    {{ unless_unreported('accidents', column, 'incidents_total') }},
    {% endfor -%}
    {{ in_full_window('accidents', 'incidents_12m') }},
    {{ in_full_window('accidents', 'incidents_12m_in_rate') }},
    {{ rate_columns('accidents.incidents_12m_in_rate', 'accidents.incidents_12m', 'population.adp_12m', 'population.months_12m') }},
    '' as withheld
from {{ ref('mart_accidents_total') }} as accidents
inner join {{ ref('mart_population') }} as population
    on accidents.tier = population.tier and accidents.unit = population.unit and accidents.month = population.month
inner join {{ ref('int_tier_units') }} as units on accidents.tier = units.tier and accidents.unit = units.unit
left join {{ ref('garwood_limits') }} as limits on accidents.incidents_12m_in_rate = limits.events
where population.facility_days > 0 or accidents.incidents_12m > 0
