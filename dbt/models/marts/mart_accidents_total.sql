{# Incidents of all families by unit and month, with the 12 months that end with it. #}
with events as (
    select
        *,
        {{ month_of('happened') }} as month
    from {{ ref('stg_incident') }}
),

{{ event_mart(
    measures=incident_measures(),
    rated=['incidents_total', 'major'],
    windows=incident_windows(),
) }}
