{{ latest_known(
    source('register', 'reported_count'),
    key=['place', 'measure', 'population_group', 'day'],
    columns=['place_kind', 'period_from', 'cumulative', 'value']
) }}
