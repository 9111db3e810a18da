{{ latest_known(
    source('register', 'temporary_leave'),
    key=['leave'],
    columns=['stay', 'facility', 'reason', 'left_on', 'returned_on']
) }}
