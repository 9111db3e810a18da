with samples as (
    select
        *,
        row_number() over (partition by facility order by sampled desc) as age
    from {{ ref('stg_facility_clock') }}
)

select
    {{ unit_columns('units') }},
    {{ ms_to_timestamp('samples.sampled') }} as sampled_at,
    {{ ms_to_timestamp('samples.clock') }} as clock_at,
    {{ ms_to_timestamp('samples.newest_event') }} as newest_event_at,
    {{ ms_to_timestamp('samples.received_at') }} as received_at,
    case
        when samples.newest_event is not null
            then {{ rounded('greatest(samples.newest_event - samples.clock, 0) / 1e3', 1) }}
    end as seconds_behind,
    case
        when samples.received_at is not null
            then {{ rounded('greatest(samples.sampled - samples.received_at, 0) / 6e4', 2) }}
    end as minutes_silent
from samples
inner join {{ ref('int_tier_units') }} as units on units.tier = 'facility' and samples.facility = units.unit
where samples.age = 1
