{#-
    Control limits of a funnel plot: between which limits a unit's rate would lie if its events came by chance at the
    national rate (Spiegelhalter 2005, Statistics in Medicine 24:1185). Exact Poisson limits, interpolated between whole
    counts as there, for the count expected of the unit's population; 95 % and 99.8 %. Nothing is adjusted for the mix
    of people held. The seed holds the limits on a grid of expected counts; between its points they are taken as straight.
-#}
{% macro funnel_limits(rated, events) -%}
national as (
    select month, 1.0 * {{ events }} / adp_12m as rate
    from {{ rated }}
    where tier = 'nation' and rate_per_1000_12m is not null
),

limited as (
    select
        units.tier,
        units.unit,
        units.month,
        national.rate as national_rate,
        {% for limit in ['low_998', 'low_95', 'high_95', 'high_998'] -%}
        limits.{{ limit }}_from
        + (limits.{{ limit }}_to - limits.{{ limit }}_from) * (national.rate * units.adp_12m - limits.expected_from)
        / (limits.expected_to - limits.expected_from) as {{ limit }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ rated }} as units
    inner join national on units.month = national.month
    inner join {{ ref('funnel_limits') }} as limits
        on
            national.rate * units.adp_12m >= limits.expected_from
            and national.rate * units.adp_12m < limits.expected_to
    where units.adp_12m > 0
)
{%- endmacro %}

{#- The six published columns. Expects `limited` of funnel_limits. -#}
{% macro funnel_columns(rated, events) -%}
{{ rounded('1000 * limited.national_rate') }} as national_rate,
    {% for limit in ['low_998', 'low_95', 'high_95', 'high_998'] -%}
    {{ rounded('1000 * limited.' ~ limit ~ ' / ' ~ rated ~ '.adp_12m') }} as limit_{{ limit }},
    {% endfor -%}
    case
        when {{ rated }}.rate_per_1000_12m is null or limited.national_rate is null then 'no_rate'
        when {{ rated }}.{{ events }} > limited.high_998 then 'above_998'
        when {{ rated }}.{{ events }} > limited.high_95 then 'above_95'
        when {{ rated }}.{{ events }} < limited.low_998 then 'below_998'
        when {{ rated }}.{{ events }} < limited.low_95 then 'below_95'
        else 'within'
    end as control
{%- endmacro %}
