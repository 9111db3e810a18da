{%- set day_ms = 86400000 -%}
with newest as (select max(sampled) as sampled from {{ ref('stg_job_health') }})

select
    {{ nation_columns() }},
    {{ ms_to_timestamp('samples.sampled') }} as sampled_at,
    samples.sampled = newest.sampled as is_latest,
    samples.sampled > newest.sampled - {{ day_ms }} as is_recent,
    samples.state as job_state,
    samples.fault,
    samples.restarts,
    {{ rounded('samples.uptime_ms / 3600000e0', 3) }} as uptime_h,
    {{ ms_to_timestamp('samples.checkpoint_at') }} as checkpoint_at,
    case
        when samples.checkpoint_at is not null
            then {{ rounded('greatest(samples.sampled - samples.checkpoint_at, 0) / 1e3', 1) }}
    end as checkpoint_age_s,
    {{ rounded('samples.checkpoint_ms / 1e3', 3) }} as checkpoint_s,
    {{ rounded('samples.checkpoint_bytes / 1e6', 3) }} as checkpoint_mb,
    samples.checkpoints_completed,
    samples.checkpoints_failed,
    {{ rounded('samples.records_per_s', 1) }} as records_per_s,
    {{ rounded('samples.busy_pct', 1) }} as busy_pct,
    {{ rounded('samples.back_pressured_pct', 1) }} as back_pressured_pct,
    samples.records_posted,
    samples.records_behind
from {{ ref('stg_job_health') }} as samples
inner join newest on samples.sampled > newest.sampled - 7 * {{ day_ms }}
cross join {{ ref('int_nation') }} as nation
