{#-
    A month's count, null where no facility of the unit reported in the month and nothing is known to have happened:
    missing is not zero. Expects mart_population joined as `population`.
-#}
{% macro unless_unreported(alias, column, total) -%}
cast(case when population.facilities_known > 0 or {{ alias }}.{{ total }} > 0 then {{ alias }}.{{ column }} end as bigint) as {{ column }}
{%- endmacro %}

{#- A count over 12 months, null while the register covers fewer: half a window is no window. -#}
{% macro in_full_window(alias, column) -%}
cast(case when population.months_12m = 12 then {{ alias }}.{{ column }} end as bigint) as {{ column }}
{%- endmacro %}
