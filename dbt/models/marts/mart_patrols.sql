{# Planned patrol visits by unit and month, by what became of them. #}
with events as (select * from {{ ref('int_patrols') }}),

{{ event_mart(measures={
    'visits_scheduled': "count(*)",
    'visits_on_time': "count(case when outcome = 'on_time' then 1 end)",
    'visits_late': "count(case when outcome = 'late' then 1 end)",
    'visits_missed': "count(case when outcome = 'missed' then 1 end)",
    'visits_unobservable': "count(case when outcome = 'unobservable' then 1 end)",
}) }}
