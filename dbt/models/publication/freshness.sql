{# The gate writes gate_status, gate_checked_at, gate_failed_checks and the notes when it publishes. #}
with clock as (select max(clock) as last_event from {{ ref('stg_ledger') }})

select
    {{ nation_columns() }},
    coverage.data_from,
    coverage.data_until,
    {{ ms_to_timestamp('clock.last_event') }} as last_event_at,
    coverage.knowledge_date,
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp) as built_at,
    '{{ invocation_id }}' as run_id,
    'not_run' as gate_status,
    cast(null as timestamp) as gate_checked_at,
    cast(null as bigint) as gate_failed_checks,
    '尚未审核' as note_zh,
    'not audited yet' as note_en
from {{ ref('int_nation') }} as nation
cross join {{ ref('int_coverage') }} as coverage
cross join clock
