{#- A count law as text: empty where it holds, else what does not agree, with both numbers. -#}
{% macro law(left, right, text) -%}
case when {{ left }} = {{ right }} then '' else concat('{{ text }}: ', cast(cast({{ left }} as bigint) as string), ' / ', cast(cast({{ right }} as bigint) as string), '; ') end
{%- endmacro %}
