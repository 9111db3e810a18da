{%- set columns = [
    'offered', 'landed', 'quarantined_landing', 'received', 'processed', 'accepted', 'quarantined_stream',
    'late', 'quarantine_rows_landing', 'quarantine_rows_stream', 'quarantine_rows_late',
] -%}
with laws as (
    select
        counts.*,
        concat(
            {{ law('offered', 'landed + quarantined_landing', 'offered = landed + quarantined by the landing') }},
            {{ law('landed', 'received', 'landed = received') }},
            {{ law('received', 'processed', 'received = processed') }},
            {{ law('processed', 'accepted + quarantined_stream', 'processed = accepted + quarantined by the stream') }},
            {{ law('quarantined_landing', 'quarantine_rows_landing', 'quarantined by the landing = its rows in quarantine') }},
            {{ law('quarantined_stream', 'quarantine_rows_stream', 'quarantined by the stream = its rows in quarantine') }},
            {{ law('late', 'quarantine_rows_late', 'late = late rows in quarantine') }}
        ) as difference
    from {{ ref('mart_count_reconciliation') }} as counts
)

select
    {{ nation_columns() }},
    laws.source,
    {% for column in columns -%}
    cast(laws.{{ column }} as bigint) as {{ column }},
    {% endfor -%}
    laws.difference = '' as balanced,
    laws.difference
from laws
cross join {{ ref('int_nation') }} as nation
