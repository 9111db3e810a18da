{{ latest_known(
    source('register', 'admin_unit'),
    key=['unit'],
    columns=['tier', 'parent', 'name_en', 'name_zh']
) }}
