{{ latest_known(
    source('register', 'complaint_record'),
    key=['complaint'],
    columns=['facility', 'category', 'about_staff', 'received', 'due', 'answered', 'outcome']
) }}
