select
    samples.at as sampled,
    lake_table,
    row_count,
    data_files,
    delete_files,
    file_bytes,
    snapshots,
    newest_snapshot_at
from {{ source('silver', 'lake_table') }} as samples
where {{ ms_to_timestamp('samples.at') }} < {{ knowledge_end() }}
