{{ latest_known(
    source('register', 'drill'),
    key=['drill'],
    columns=['facility', 'kind', 'planned', 'held', 'result', 'response_seconds']
) }}
