{#- 95 % limits of counts and shares, and of the change of either. All are plain SQL on doubles, equal in both
    engines: 9e0 is a double, 9.0 a decimal of few digits in Spark. -#}

{#- 97.5 % quantile of the normal distribution. -#}
{% macro normal_quantile() %}1.959963984540054{% endmacro %}

{#-
    Exact Poisson limits of a count (Garwood 1936): those of the seed where it holds the count, and Byar's approximation
    above (Breslow and Day 1987, Statistical Methods in Cancer Research II, formula 2.13). At 2,001 events and more the
    approximation is off by less than a millionth of the limit, which a test holds against the chi-square quantiles.
-#}
{% macro poisson_low(events, limit) -%}
coalesce({{ limit }}, {{ events }} * power(1 - 1e0 / (9e0 * {{ events }}) - {{ normal_quantile() }} / (3e0 * sqrt({{ events }})), 3))
{%- endmacro %}

{% macro poisson_high(events, limit) -%}
coalesce({{ limit }}, ({{ events }} + 1) * power(1 - 1e0 / (9e0 * ({{ events }} + 1)) + {{ normal_quantile() }} / (3e0 * sqrt({{ events }} + 1e0)), 3))
{%- endmacro %}

{#- Limits of a share of `whole` cases (Wilson 1927, the score interval without correction); side is + or -. -#}
{% macro wilson(part, whole, side) -%}
({{ part }} / {{ whole }} + 1.920729410347062 / {{ whole }} {{ side }} {{ normal_quantile() }} * sqrt({{ part }} / {{ whole }} * (1 - {{ part }} / {{ whole }}) / {{ whole }} + 0.960364705173531 / ({{ whole }} * {{ whole }}))) / (1 + 3.841458820694124 / {{ whole }})
{%- endmacro %}

{#-
    Limits of the difference of two independent figures from the limits of each (Zou and Donner 2008, MOVER, Statistics in
    Medicine 27:1693; for shares with Wilson limits it is Newcombe's method 10, 1998, Statistics in Medicine 17:873).
-#}
{% macro change_low(now, now_low, before, before_high) -%}
{{ now }} - {{ before }} - sqrt(power({{ now }} - {{ now_low }}, 2) + power({{ before_high }} - {{ before }}, 2))
{%- endmacro %}

{% macro change_high(now, now_high, before, before_low) -%}
{{ now }} - {{ before }} + sqrt(power({{ now_high }} - {{ now }}, 2) + power({{ before }} - {{ before_low }}, 2))
{%- endmacro %}
