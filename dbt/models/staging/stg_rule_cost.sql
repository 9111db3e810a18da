select
    samples.at as sampled,
    facility,
    day,
    seconds,
    rule,
    rule_version,
    mode,
    cost_us,
    none_us,
    together_us
from {{ source('silver', 'rule_cost') }} as samples
where {{ ms_to_timestamp('samples.at') }} < {{ knowledge_end() }}
