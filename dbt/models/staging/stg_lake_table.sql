select
    {{ adapter.quote('at') }} as sampled,
    lake_table,
    row_count,
    data_files,
    delete_files,
    file_bytes,
    snapshots,
    newest_snapshot_at
from {{ source('silver', 'lake_table') }}
where {{ ms_to_timestamp(adapter.quote('at')) }} < {{ knowledge_end() }}
