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
{# A step that says an alert was cleared was not known before. #}
where {{ ms_to_timestamp('coalesce(cleared, raised_at)') }} < {{ knowledge_end() }}
