{{ latest_known(
    source('register', 'inspection'),
    key=['inspection'],
    columns=['facility', 'kind', 'dispatched_by', 'scheduled', 'performed', 'required_minutes', 'reviewed_minutes', 'outcome']
) }}
