select
    topic_partition,
    topic_offset,
    received_at,
    source
from {{ source('bronze', 'received') }}
