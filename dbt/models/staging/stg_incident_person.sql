{{ latest_known(
    source('register', 'incident_person'),
    key=['involvement'],
    columns=['incident', 'facility', 'person_group', 'role', 'injury', 'subject']
) }}
