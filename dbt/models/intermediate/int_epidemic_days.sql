{#
    Every day of a facility, on the clocks on the wall, on which a measure of a kind was in force at any moment, for a
    block or (empty) the whole facility; however many measures there were. A measure does not hold at the moment of its
    end. Days on which the facility did not operate, or that the registers do not cover, are none.
#}
with spans as (
    select
        facility,
        kind,
        block,
        cast({{ add_hours('starts', var('utc_offset_hours')) }} as date) as first_day,
        cast({{ add_hours("ends - interval '1' second", var('utc_offset_hours')) }} as date) as last_day
    from {{ ref('stg_epidemic_record') }}
    where ends is null or ends > starts
)

select distinct
    spans.facility,
    spans.kind,
    spans.block,
    days.day
from spans
inner join {{ ref('int_facility_days') }} as days
    on
        spans.facility = days.facility
        and spans.first_day <= days.day
        and (spans.last_day >= days.day or spans.last_day is null)
