select
    {{ adapter.quote('at') }} as sampled,
    facility,
    day,
    seconds,
    rule,
    rule_version,
    mode,
    cost_us,
    none_us,
    together_us
from {{ source('silver', 'rule_cost') }}
where {{ ms_to_timestamp(adapter.quote('at')) }} < {{ knowledge_end() }}
