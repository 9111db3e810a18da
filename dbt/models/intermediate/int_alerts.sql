{# One row an alert, merged from its steps: the latest step wins. #}
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
    alert_id,
    rule,
    mode,
    verdict,
    facility,
    zone,
    severity,
    accountable,
    cleared is not null as is_cleared,
    {{ ms_to_timestamp('onset') }} as onset_at,
    {{ ms_to_timestamp('raised_at') }} as raised_at,
    {{ ms_to_timestamp('cleared') }} as cleared_at,
    cast(cleared - onset as double) / 1000 as duration_s
from steps
where step_rank = 1
