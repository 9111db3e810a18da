{#- What is counted of incidents, for each family and for all. -#}
{% macro incident_measures() -%}
{{ return({
    'minor': "count(case when severity = 'minor' then 1 end)",
    'serious': "count(case when severity = 'serious' then 1 end)",
    'major': "count(case when severity = 'major' then 1 end)",
    'incidents_total': "count(*)",
    'detainees_involved': "sum(detainees_involved)",
    'staff_involved': "sum(staff_involved)",
}) }}
{%- endmacro %}

{% macro incident_windows() -%}
{{ return({'incidents_12m': 'incidents_total', 'incidents_12m_in_rate': 'incidents_total_in_rate'}) }}
{%- endmacro %}
