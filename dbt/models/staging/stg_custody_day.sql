{{ latest_known(
    source('register', 'custody_day'),
    key=['facility', 'day'],
    columns=['persons', 'solitary', 'solitary_unknown', 'prolonged', 'outside_short', 'outside_unknown']
) }}
