{{ latest_known(
    source('register', 'patrol_visit'),
    key=['visit'],
    columns=['facility', 'zone', 'scheduled', 'tolerance_minutes', 'visited', 'observable']
) }}
