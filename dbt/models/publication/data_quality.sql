select
    {{ unit_columns('units') }},
    records.month,
    {% for column in ['records_received', 'records_accepted', 'records_late', 'records_quarantined'] -%}
    cast(records.{{ column }} as bigint) as {{ column }},
    {% endfor -%}
    case
        when records.records_received > 0 then {{ rounded(percent_of('records.records_accepted', 'records.records_received')) }}
    end as accepted_pct,
    cast(patrols.visits_unobservable as bigint) as visits_unobservable,
    cast(alerts.alerts_unobservable as bigint) as alerts_unobservable
from {{ ref('mart_data_quality') }} as records
{% for mart, alias in {'mart_patrols': 'patrols', 'mart_alerts': 'alerts'}.items() -%}
inner join {{ ref(mart) }} as {{ alias }}
    on
        records.tier = {{ alias }}.tier
        and records.unit = {{ alias }}.unit
        and records.facility_type = {{ alias }}.facility_type
        and records.month = {{ alias }}.month
{% endfor -%}
inner join {{ ref('int_tier_units') }} as units on records.tier = units.tier and records.unit = units.unit
where records.facility_type = 'all' and (records.facility_days > 0 or records.records_received > 0)
