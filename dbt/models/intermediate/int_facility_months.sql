{#
    Facility and month: days in operation, days whose population is known, person-days.

    exposure is person-days scaled to all days in operation (the mean of the known days stands for the missing ones);
    it is null where no day is known. exposure / calendar days is the facility's ADP.
#}
with days as (
    select
        facility,
        {{ month_of('day') }} as month,
        count(*) as operating_days,
        count(population) as known_days,
        sum(population) as person_days,
        count(case when in_stays is not null and head_count is not null then 1 end) as head_count_days,
        count(case when in_stays <> head_count then 1 end) as head_count_days_differing
    from {{ ref('int_facility_days') }}
    group by facility, {{ month_of('day') }}
)

select
    facilities.facility,
    months.month,
    months.calendar_days,
    coalesce(days.operating_days, 0) as operating_days,
    coalesce(days.known_days, 0) as known_days,
    cast(days.person_days as bigint) as person_days,
    case when days.known_days > 0 then {{ summable('cast(days.person_days as double) * days.operating_days / days.known_days') }} end as exposure,
    case when days.operating_days > 0 then facilities.capacity end as capacity,
    coalesce(days.head_count_days, 0) as head_count_days,
    coalesce(days.head_count_days_differing, 0) as head_count_days_differing
from {{ ref('int_facilities') }} as facilities
cross join {{ ref('int_months') }} as months
left join days on facilities.facility = days.facility and months.month = days.month
where facilities.in_registers
