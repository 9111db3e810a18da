{{ latest_known(
    source('register', 'epidemic_record'),
    key=['measure'],
    columns=['facility', 'kind', 'block', 'starts', 'ends']
) }}
