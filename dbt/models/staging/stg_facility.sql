{{ latest_known(
    source('register', 'facility'),
    key=['facility'],
    columns=['unit', 'name_en', 'name_zh', 'facility_type', 'capacity', 'opened', 'closed']
) }}
