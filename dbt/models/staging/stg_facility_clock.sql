select
    {{ adapter.quote('at') }} as sampled,
    facility,
    clock,
    newest_event,
    received_at
from {{ source('silver', 'facility_clock') }}
where {{ ms_to_timestamp(adapter.quote('at')) }} < {{ knowledge_end() }}
