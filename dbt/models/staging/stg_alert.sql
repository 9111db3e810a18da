select
    alert_id,
    rule,
    mode,
    verdict,
    step,
    facility,
    zone,
    severity,
    accountable,
    onset,
    raised_at,
    cleared
from {{ source('silver', 'alert') }}
where {{ ms_to_timestamp('raised_at') }} < {{ knowledge_end() }}
