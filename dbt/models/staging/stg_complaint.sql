{{ latest_known(
    source('register', 'complaint'),
    key=['complaint'],
    columns=['facility', 'category', 'about_staff', 'received', 'due', 'answered', 'outcome']
) }}
