{{ latest_known(
    source('register', 'restraint_use'),
    key=['restraint_use'],
    columns=['facility', 'restraint', 'begun', 'allowed_until', 'ended']
) }}
