{{ latest_known(
    source('register', 'incident'),
    key=['incident'],
    columns=['facility', 'happened', 'family', 'incident_type', 'severity', 'detainees_involved', 'staff_involved', 'withdrawn']
) }}
{# A row taken back is known to be wrong, so it is out only after the version that says so was chosen. #}
and not coalesce(withdrawn, false)
