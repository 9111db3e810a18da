{# One row an alert, merged from its steps: the latest step wins; with what became of it at the posts. #}
with steps as (
    select
        *,
        row_number() over (
            partition by alert_id
            order by case step when 'cleared' then 1 else 0 end desc, cleared desc, raised_at desc
        ) as step_rank
    from {{ ref('stg_alert') }}
)

select
    steps.alert_id,
    steps.rule,
    steps.mode,
    steps.verdict,
    steps.facility,
    steps.zone,
    steps.severity,
    steps.accountable,
    steps.cleared is not null as is_cleared,
    {{ ms_to_timestamp('steps.onset') }} as onset_at,
    {{ ms_to_timestamp('steps.raised_at') }} as raised_at,
    {{ ms_to_timestamp('steps.cleared') }} as cleared_at,
    cast(steps.cleared - steps.onset as double) / 1000 as duration_s,
    answers.told as told_at,
    answers.answered as answered_at,
    coalesce(answers.escalated, false) as is_escalated,
    answers.outcome
from steps
left join {{ ref('stg_alert_answer') }} as answers on steps.alert_id = answers.alert
where steps.step_rank = 1
