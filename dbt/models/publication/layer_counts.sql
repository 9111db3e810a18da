{%- set tables = {
    'bronze': ['received', 'landing'],
    'silver': [
        'ledger', 'quarantine', 'alert', 'risk', 'rule_status', 'lake_table', 'job_health', 'facility_clock', 'rule_cost',
    ],
    'register': [
        'admin_unit', 'facility', 'stay', 'temporary_leave', 'population_count', 'death', 'incident', 'incident_person',
        'reported_count', 'inspection', 'finding', 'rectification_order', 'reinspection', 'patrol_visit', 'drill',
        'complaint_record', 'medical_duty', 'custody_day', 'restraint_use', 'lawyer_request',
        'alert_answer',
        'epidemic_record',
    ],
} -%}
{%- set published = [
    'population', 'deaths', 'accidents', 'accidents_total', 'inspections', 'inspection_status', 'rectification',
    'rectification_summary', 'patrols', 'duties', 'rights', 'reported_rates', 'metrics', 'facility_ranking', 'alerts',
    'alert_answers', 'data_quality', 'alerts_by_rule_hour', 'risk_levels', 'quarantine_summary', 'count_reconciliation',
    'under_reporting', 'lake_tables', 'job_health', 'facility_clocks', 'rule_cost', 'shadow_results',
    'epidemic_measures',
] -%}
with counted as (
    {% for layer, names in tables.items() %}{% for name in names -%}
    select '{{ layer }}' as layer, '{{ layer }}.{{ name }}' as table_name, count(*) as row_count from {{ source(layer, name) }}
    union all
    {% endfor %}{% endfor %}
    {%- for name in published -%}
    select 'publication' as layer, 'publication.{{ name }}' as table_name, count(*) as row_count from {{ ref(name) }}
    {% if not loop.last %}union all
    {% endif %}{% endfor %}
)

select
    {{ nation_columns() }},
    counted.layer,
    counted.table_name,
    counted.row_count
from counted
cross join {{ ref('int_nation') }} as nation
