select
    risk_id,
    facility,
    subject,
    {{ adapter.quote('at') }} as scored_at,
    expires,
    score,
    level,
    scorecard
from {{ source('silver', 'risk') }}
where
    grain = 'person'
    and mode = 'active'
    and {{ ms_to_timestamp(adapter.quote('at')) }} < {{ knowledge_end() }}
