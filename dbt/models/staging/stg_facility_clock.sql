select
    samples.at as sampled,
    facility,
    clock,
    newest_event,
    received_at
from {{ source('silver', 'facility_clock') }} as samples
where {{ ms_to_timestamp('samples.at') }} < {{ knowledge_end() }}
