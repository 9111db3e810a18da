{%- set columns = [
    'alerts_raised', 'alerts_critical', 'alerts_cleared', 'alerts_cleared_in_time', 'alerts_unanswered', 'alerts_unobservable',
    'alerts_told', 'alerts_answered', 'alerts_answered_in_time', 'alerts_escalated', 'alerts_false',
] -%}
select
    {{ unit_columns('units') }},
    alerts.month,
    {% for column in columns -%}
    cast(alerts.{{ column }} as bigint) as {{ column }}{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref('mart_alerts') }} as alerts
inner join {{ ref('int_tier_units') }} as units on alerts.tier = units.tier and alerts.unit = units.unit
where alerts.facility_type = 'all' and (alerts.facility_days > 0 or alerts.alerts_raised > 0)
