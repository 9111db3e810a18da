{# Days under measures against an epidemic, by kind. A facility-day counts once a kind, whatever is in force on it. #}
with events as (
    select
        facility,
        {{ month_of('day') }} as month,
        kind,
        block,
        day
    from {{ ref('int_epidemic_days') }}
),

{{ event_mart(measures={
    'facilities_under': 'count(distinct facility)',
    'days_under': 'count(distinct day)',
    'days_whole': "count(distinct case when block = '' then day end)",
    'blocks_under': "count(distinct case when block <> '' then block end)",
}, each='kind', values=['quarantine', 'fever_cluster', 'visit_stop']) }}
