{{ latest_known(
    source('register', 'population_count'),
    key=['place', 'day', 'population_group'],
    columns=['place_kind', 'population']
) }}
