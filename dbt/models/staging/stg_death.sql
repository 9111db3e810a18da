{{ latest_known(
    source('register', 'death'),
    key=['death'],
    columns=['facility', 'subject', 'died', 'year', 'place', 'death_class', 'sex', 'withdrawn']
) }}
{# A row taken back is known to be wrong, so it is out only after the version that says so was chosen. #}
and not coalesce(withdrawn, false)
