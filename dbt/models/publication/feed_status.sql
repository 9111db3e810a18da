with batches as (
    select
        facility,
        source,
        sum(records) as records,
        sum(accepted) as accepted,
        sum(late) as late,
        sum(quarantined) as quarantined,
        sum(observations) as observations,
        max(case when accepted > 0 then clock end) as clock
    from {{ ref('stg_ledger') }}
    where facility <> ''
    group by facility, source
),

clocks as (
    select facility, max(clock) as clock
    from batches
    group by facility
)

select
    {{ unit_columns('units') }},
    batches.source,
    {% for column in ['records', 'accepted', 'late', 'quarantined', 'observations'] -%}
    cast(batches.{{ column }} as bigint) as {{ column }},
    {% endfor -%}
    {{ ms_to_timestamp('batches.clock') }} as last_event_at,
    {{ rounded('(clocks.clock - batches.clock) / 60000e0', 2) }} as minutes_behind
from batches
inner join clocks on batches.facility = clocks.facility
inner join {{ ref('int_tier_units') }} as units on units.tier = 'facility' and batches.facility = units.unit
