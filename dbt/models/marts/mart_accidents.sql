{# Incidents by unit, month and family, with the 12 months that end with it. #}
with events as (
    select
        *,
        {{ month_of('happened') }} as month
    from {{ ref('stg_incident') }}
),

{{ event_mart(
    measures=incident_measures(),
    rated=['incidents_total'],
    windows=incident_windows(),
    each='family',
    values=['violence', 'self_harm', 'escape', 'health', 'fire_environment', 'staff_conduct', 'other'],
) }}
