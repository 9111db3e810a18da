with samples as (
    select
        *,
        row_number() over (partition by lake_table order by sampled desc) as age
    from {{ ref('stg_lake_table') }}
),

-- A table that is gone is not in the newest look at the lake.
looks as (select max(sampled) as sampled from {{ ref('stg_lake_table') }})

select
    {{ nation_columns() }},
    samples.lake_table as table_name,
    {{ ms_to_timestamp('samples.sampled') }} as sampled_at,
    samples.row_count,
    samples.data_files,
    samples.delete_files,
    {{ rounded('samples.file_bytes / 1e6', 3) }} as size_mb,
    case
        when samples.data_files > 0 then {{ rounded('samples.file_bytes / (samples.data_files * 1e3)', 1) }}
    end as mean_file_kb,
    samples.snapshots,
    {{ ms_to_timestamp('samples.newest_snapshot_at') }} as written_at
from samples
inner join looks on samples.sampled = looks.sampled
cross join {{ ref('int_nation') }} as nation
where samples.age = 1
