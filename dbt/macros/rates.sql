{#-
    Rates per average daily population over rolling 12 months, with exact Poisson (Garwood 1936) 95 % limits.

    events: the numerator, in facility-months whose population is known; all_events: wherever they happened; adp: the
    denominator, null where unknown; months: months in the window. Expects garwood_limits joined on events as `limits`.
    A rate that leaves out more than one in ten of the events would not be the unit's rate, and is withheld. Above the
    seed's last count Byar's approximation is used; its error there is under a millionth of the limit.
-#}
{% macro rate_flag(events, all_events, adp, months) -%}
case
    when {{ months }} < 12 then 'short_window'
    when coalesce({{ adp }}, 0) <= 0 or 10 * {{ events }} < 9 * {{ all_events }} then 'no_population'
    when {{ events }} < {{ var('fewest_events') }} then 'too_few_events'
    when {{ events }} < {{ var('reliable_events') }} then 'unreliable'
    else 'ok'
end
{%- endmacro %}

{% macro rate_of(value, events, all_events, adp, months) -%}
case
    when {{ rate_flag(events, all_events, adp, months) }} in ('ok', 'unreliable')
        then {{ rounded('1000.0 * (' ~ value ~ ') / ' ~ adp) }}
end
{%- endmacro %}

{#- The five published columns of a rate. -#}
{% macro rate_columns(events, all_events, adp, months) -%}
case when {{ months }} >= 12 then {{ rounded(adp) }} end as adp_12m,
{{ rate_of(events, events, all_events, adp, months) }} as rate_per_1000_12m,
{{ rate_of("coalesce(limits.lower_limit, " ~ events ~ " * power(1 - 1.0 / (9.0 * " ~ events ~ ") - 1.959963984540054 / (3.0 * sqrt(" ~ events ~ ")), 3))", events, all_events, adp, months) }} as rate_low,
{{ rate_of("coalesce(limits.upper_limit, (" ~ events ~ " + 1) * power(1 - 1.0 / (9.0 * (" ~ events ~ " + 1)) + 1.959963984540054 / (3.0 * sqrt(" ~ events ~ " + 1.0)), 3))", events, all_events, adp, months) }} as rate_high,
{{ rate_flag(events, all_events, adp, months) }} as rate_flag
{%- endmacro %}

{#- A window over the 12 months that end with the row's month; the grid has a row for every month. -#}
{% macro last_12_months(partition) -%}
(partition by {{ partition }} order by month rows between 11 preceding and current row)
{%- endmacro %}
