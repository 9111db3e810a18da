{{ latest_known(
    source('register', 'rectification_order'),
    key=['rectification'],
    columns=['finding', 'facility', 'category', 'listed', 'ordered', 'due', 'extended_to', 'closed']
) }}
