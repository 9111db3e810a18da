select
    {{ adapter.quote('at') }} as sampled,
    state,
    fault,
    restarts,
    uptime_ms,
    checkpoint_at,
    checkpoint_ms,
    checkpoint_bytes,
    checkpoints_completed,
    checkpoints_failed,
    records_per_s,
    busy_pct,
    back_pressured_pct,
    records_posted,
    records_behind
from {{ source('silver', 'job_health') }}
where {{ ms_to_timestamp(adapter.quote('at')) }} < {{ knowledge_end() }}
