{# A record refused twice (a replay) has the same id and is one record. #}
select distinct
    quarantine_id,
    stage,
    source,
    facility,
    reason,
    landed
from {{ source('silver', 'quarantine') }}
