{{ latest_known(
    source('register', 'medical_duty'),
    key=['duty'],
    columns=['facility', 'kind', 'due', 'done', 'refused', 'subject']
) }}
