{#-
    The metrics that are worked out alike over windows: those of models/publication/metrics.yml (meta) that name a mart.
    Empty while dbt parses, when no model can be looked at.
-#}
{% macro windowed_metrics() -%}
{%- set found = {} -%}
{%- if execute -%}
{%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name == 'metrics' -%}
{%- for name, metric in node.config.meta.metrics.items() if metric.mart -%}
{%- do found.update({name: metric}) -%}
{%- endfor -%}
{%- endfor -%}
{%- endif -%}
{{ return(found) }}
{%- endmacro %}

{#-
    The value of a window, in the metric's unit. `part` may be an expression over the window's part, such as a limit.

    rate: per so many of the average daily population; per_admissions: per so many admissions; share and ratio: per cent;
    level: part by whole, which are days.
-#}
{% macro metric_value(part, window) -%}
case metric_kind
    when 'level' then {{ part }} / nullif(whole_{{ window }}, 0)
    when 'rate' then per * ({{ part }}) * days_{{ window }} / nullif(whole_{{ window }}, 0)
    else per * ({{ part }}) / nullif(whole_{{ window }}, 0)
end
{%- endmacro %}

{#- A limit of a window's value: Garwood's for counts of events, Wilson's for shares, none for the others. -#}
{% macro metric_limit(window, poisson, side) -%}
case
    when metric_kind in ('rate', 'per_admissions') then {{ metric_value(poisson, window) }}
    when metric_kind = 'share' and whole_{{ window }} > 0 then per * {{ wilson('part_' ~ window, 'whole_' ~ window, side) }}
end
{%- endmacro %}

{#- A window, which has as many months as the publication profile says; `centred` has three times as many. -#}
{% macro metric_window(window) -%}
{%- set months = profile('window_months') -%}
(partition by metric, tier, unit, facility_type order by month rows between
{% if window == 'now' -%} {{ months - 1 }} preceding and current row
{%- elif window == 'before' -%} {{ 2 * months - 1 }} preceding and {{ months }} preceding
{%- else -%} {{ 2 * months - 1 }} preceding and {{ months }} following
{%- endif %})
{%- endmacro %}

{#- Why a window has no value, or how far its value can be relied on. -#}
{% macro metric_flag(window) -%}
case
    when months_{{ window }} < {{ (3 if window == 'centred' else 1) * profile('window_months') }} then 'short_window'
    when metric_kind in ('rate', 'per_admissions') then
        case
            when coalesce(whole_{{ window }}, 0) <= 0 or 10 * part_{{ window }} < 9 * all_{{ window }} then 'no_population'
            when part_{{ window }} < {{ profile('fewest_events') }} then 'too_few_events'
            when part_{{ window }} < {{ profile('reliable_events') }} then 'unreliable'
            else 'ok'
        end
    when coalesce(whole_{{ window }}, 0) <= 0 then 'no_data'
    when metric_kind = 'level' and 20 * reporters_{{ window }} < 19 * expected_{{ window }} then 'unreliable'
    when metric_kind = 'share' and whole_{{ window }} < 20 then 'unreliable'
    else 'ok'
end
{%- endmacro %}

{#- Whether the publication profile publishes windows that end with this month. -#}
{% macro window_may_end(month) -%}
{%- set ends = profile('window_ends') -%}
{{ "month(" ~ month ~ ") in (" ~ ends | join(", ") ~ ")" if ends else "true" }}
{%- endmacro %}
