{# What each source offered and what became of it, counted at every place that counts. #}
with counts as (
    select source, offered, landed, quarantined as quarantined_landing, 0 as received, 0 as processed, 0 as accepted, 0 as quarantined_stream, 0 as late, 0 as rows_landing, 0 as rows_stream, 0 as rows_late
    from {{ ref('stg_landing') }}
    union all
    select source, 0, 0, 0, count(*), 0, 0, 0, 0, 0, 0, 0
    from {{ ref('stg_received') }}
    group by source
    union all
    select source, 0, 0, 0, 0, records, accepted, quarantined, late, 0, 0, 0
    from {{ ref('stg_ledger') }}
    union all
    select
        source, 0, 0, 0, 0, 0, 0, 0, 0,
        count(case when stage = 'landing' then 1 end),
        count(case when stage = 'stream' and not landed then 1 end),
        count(case when stage = 'stream' and reason = 'late' then 1 end)
    from {{ ref('stg_quarantine') }}
    where stage in ('landing', 'stream')
    group by source
    union all
    select
        source, 0, 0, 0,
        case when lake_table = 'bronze.received' then row_count else 0 end,
        0, 0, 0, 0,
        case when kind = 'landing' then row_count else 0 end,
        case when kind = 'stream' then row_count else 0 end,
        case when kind = 'late' then row_count else 0 end
    from {{ ref('stg_retired') }}
    where lake_table in ('bronze.received', 'silver.quarantine')
)

select
    source,
    sum(offered) as offered,
    sum(landed) as landed,
    sum(quarantined_landing) as quarantined_landing,
    sum(received) as received,
    sum(processed) as processed,
    sum(accepted) as accepted,
    sum(quarantined_stream) as quarantined_stream,
    sum(late) as late,
    sum(rows_landing) as quarantine_rows_landing,
    sum(rows_stream) as quarantine_rows_stream,
    sum(rows_late) as quarantine_rows_late
from counts
group by source
