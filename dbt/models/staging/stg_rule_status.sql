{# The definition of the rule stays in the lake; figures need its state. #}
select
    facility,
    number,
    rule,
    rule_version,
    mode,
    since,
    catalogue,
    change,
    detail
from {{ source('silver', 'rule_status') }}
where {{ ms_to_timestamp('since') }} < {{ knowledge_end() }}
