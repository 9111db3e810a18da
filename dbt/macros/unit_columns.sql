{#- The columns by which rows are seen or not seen (row security), and the names of their unit. -#}
{% macro unit_columns(alias) -%}
{{ alias }}.tier,
    {{ alias }}.unit,
    {{ alias }}.unit_name_zh,
    {{ alias }}.unit_name_en,
    {{ alias }}.province,
    {{ alias }}.city,
    {{ alias }}.facility
{%- endmacro %}

{#- The same columns for rows about the whole instance. Expects int_nation as `nation`. -#}
{% macro nation_columns() -%}
'nation' as tier,
    nation.unit,
    nation.name_zh as unit_name_zh,
    nation.name_en as unit_name_en,
    cast(null as string) as province,
    cast(null as string) as city,
    cast(null as string) as facility
{%- endmacro %}
