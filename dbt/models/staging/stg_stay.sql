{{ latest_known(
    source('register', 'stay'),
    key=['stay'],
    columns=['facility', 'subject', 'admitted', 'released', 'release_kind', 'sex', 'age_band']
) }}
