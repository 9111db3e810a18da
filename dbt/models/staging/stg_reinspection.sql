{{ latest_known(
    source('register', 'reinspection'),
    key=['reinspection'],
    columns=['rectification', 'facility', 'performed', 'result']
) }}
