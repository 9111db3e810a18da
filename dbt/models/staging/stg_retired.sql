{# A day that was written down twice, by a run that was broken off, counts once. #}
select
    lake_table,
    day,
    source,
    kind,
    topic_partition,
    max(row_count) as row_count
from {{ source('audit', 'retired') }}
group by lake_table, day, source, kind, topic_partition
