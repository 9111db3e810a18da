{#
    Alerts of rules in force by unit and month, and how they were answered: cleared within five minutes, later, or still
    open; told to posts, answered by one within five minutes, gone up a tier, closed as false. stf-12 is the rule about alarms that nobody answered.
#}
with events as (
    select
        *,
        {{ month_of('raised_at') }} as month
    from {{ ref('int_alerts') }}
    where mode = 'active'
),

{{ event_mart(measures={
    'alerts_raised': "count(*)",
    'alerts_critical': "count(case when severity = 'critical' then 1 end)",
    'alerts_cleared': "count(case when is_cleared then 1 end)",
    'alerts_cleared_in_time': "count(case when is_cleared and duration_s <= " ~ var('answer_seconds') ~ " then 1 end)",
    'alerts_unanswered': "count(case when rule = 'stf-12' then 1 end)",
    'alerts_told': "count(told_at)",
    'alerts_answered': "count(answered_at)",
    'alerts_answered_in_time': "count(case when answered_at <= told_at + " ~ var('answer_seconds') ~ " * interval '1' second then 1 end)",
    'alerts_escalated': "count(case when is_escalated then 1 end)",
    'alerts_false': "count(case when outcome = 'false_alarm' then 1 end)",
    'alerts_unobservable': "count(case when verdict = 'unobservable' then 1 end)",
}, rated=['alerts_raised']) }}
