{{ latest_known(
    source('register', 'lawyer_request'),
    key=['request'],
    columns=['facility', 'waits_from', 'met', 'lapsed']
) }}
