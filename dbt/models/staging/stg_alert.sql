select
    alert_id,
    rule,
    rule_version,
    mode,
    verdict,
    step,
    facility,
    zone,
    subjects,
    severity,
    accountable,
    onset,
    raised_at,
    cleared
from {{ source('silver', 'alert') }}
{# A step that says an alert was cleared was not known before. #}
where {{ ms_to_timestamp('coalesce(cleared, raised_at)') }} < {{ knowledge_end() }}
