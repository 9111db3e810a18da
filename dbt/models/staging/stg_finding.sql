{{ latest_known(
    source('register', 'finding'),
    key=['finding'],
    columns=['inspection', 'facility', 'category', 'severity', 'found']
) }}
