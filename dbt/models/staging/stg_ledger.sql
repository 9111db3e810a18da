select
    facility,
    source,
    topic_partition,
    offset_from,
    offset_to,
    records,
    accepted,
    late,
    quarantined,
    observations,
    clock
from {{ source('silver', 'ledger') }}
