{{ published_events(
    'mart_accidents',
    events='incidents',
    total='incidents_total',
    counts=incident_measures(),
    also=['family'],
) }}
