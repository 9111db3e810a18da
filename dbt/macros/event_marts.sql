{#-
    A mart of things that happened, as a short file: facility-months are counted, added up to units and facility types,
    laid on the grid of mart_population (zero where nothing happened), and summed over 12 months.

    Expects a CTE `events` before it, a row for each thing, with its facility and month.
    measures: column -> its aggregate over the events of a facility-month; counts and sums only, so that they add up.
    rated: measures that are numerators of rates. `<measure>_in_rate` holds their part in facility-months with known
    population, so that numerator and denominator come from the same facilities.
    windows: column -> the measure (or sum of measures) that it adds up over 12 months.
    each, values: a further column of the events, with a row for every value in every month.
-#}
{% macro event_mart(measures, rated=[], windows={}, each=none, values=[]) -%}
{%- set key = ['tier', 'unit', 'facility_type'] -%}
{%- set also = [each] if each else [] -%}
{%- set summed = (measures.keys() | list) -%}
{%- for measure in rated %}{% do summed.append(measure ~ '_in_rate') %}{% endfor -%}
counted as (
    select
        {{ (['facility', 'month'] + also) | join(',\n        ') }},
        {% for column, aggregate in measures.items() -%}
        {{ aggregate }} as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from events
    where month is not null
    group by {{ (['facility', 'month'] + also) | join(', ') }}
),

{% if each -%}
every_value as (
    {% for value in values -%}
    select '{{ value }}' as {{ each }}{% if not loop.last %} union all {% endif %}
    {% endfor %}
),

{% endif -%}
by_unit as (
    select
        members.tier,
        members.unit,
        members.facility_type,
        {% for column in ['month'] + also -%}
        counted.{{ column }},
        {% endfor -%}
        {% for measure in rated -%}
        sum(case when facilities.known_days > 0 then counted.{{ measure }} end) as {{ measure }}_in_rate,
        {% endfor -%}
        {% for column in measures -%}
        sum(counted.{{ column }}) as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from counted
    inner join {{ ref('int_facility_months') }} as facilities
        on counted.facility = facilities.facility and counted.month = facilities.month
    inner join {{ ref('int_unit_members') }} as members on counted.facility = members.member
    group by members.tier, members.unit, members.facility_type, {% for column in ['month'] + also %}counted.{{ column }}{% if not loop.last %}, {% endif %}{% endfor %}
),

monthly as (
    select
        {% for column in key + ['month', 'facility_days'] -%}
        months.{{ column }},
        {% endfor -%}
        {% if each -%}
        every_value.{{ each }},
        {% endif -%}
        {% for column in summed -%}
        coalesce(by_unit.{{ column }}, 0) as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('mart_population') }} as months
    {% if each -%}
    cross join every_value
    {% endif -%}
    left join by_unit
        on
            {% for column in key + ['month'] -%}
            months.{{ column }} = by_unit.{{ column }}{% if not loop.last or each %}
            and {% endif %}
            {%- endfor %}
            {%- if each -%}
            every_value.{{ each }} = by_unit.{{ each }}
            {%- endif %}
)

select
    *
    {%- for column, measure in windows.items() %},
    sum({{ measure }}) over {{ last_12_months((key + also) | join(', ')) }} as {{ column }}
    {%- endfor %}
from monthly
{%- endmacro %}

{#-
    The published table of an event mart: counts of the month (null where nobody reported), counts over 12 months (null
    where the window is not full), and the rate with its limits and flag.

    events: prefix of the mart's `<events>_12m` and `<events>_12m_in_rate`, numerator of the rate.
-#}
{% macro published_events(mart, events, total, counts, windows=[], also=[]) -%}
select
    {{ unit_columns('units') }},
    counted.month,
    {% for column in also -%}
    counted.{{ column }},
    {% endfor -%}
    {% for column in counts -%}
    {{ unless_unreported('counted', column, total) }},
    {% endfor -%}
    {% for column in [events ~ '_12m', events ~ '_12m_in_rate'] + windows -%}
    {{ in_full_window('counted', column) }},
    {% endfor -%}
    {{ rate_columns('counted.' ~ events ~ '_12m_in_rate', 'counted.' ~ events ~ '_12m', 'population.adp_12m', 'population.months_12m') }},
    '' as withheld
from {{ ref(mart) }} as counted
inner join {{ ref('mart_population') }} as population
    on
        counted.tier = population.tier
        and counted.unit = population.unit
        and counted.facility_type = population.facility_type
        and counted.month = population.month
inner join {{ ref('int_tier_units') }} as units on counted.tier = units.tier and counted.unit = units.unit
left join {{ ref('garwood_limits') }} as limits on counted.{{ events }}_12m_in_rate = limits.events
where counted.facility_type = 'all' and (population.facility_days > 0 or counted.{{ events }}_12m > 0)
{%- endmacro %}
