{{ latest_known(
    source('register', 'alert_answer'),
    key=['alert'],
    columns=['facility', 'rule', 'told', 'answered', 'escalated', 'closed', 'outcome', 'reason']
) }}
