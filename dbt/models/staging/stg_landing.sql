select
    source,
    run,
    part,
    offered,
    landed,
    quarantined
from {{ source('bronze', 'landing') }}
