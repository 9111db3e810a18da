{#
    Person-days in custody of a facility and month, by what is known of them. On a day of which nothing is told, everybody
    on the register is not known; where the population is not known either, the day itself is counted as unknown.
#}
with days as (
    select
        facility,
        {{ month_of('day') }} as month,
        persons,
        solitary,
        solitary_unknown,
        prolonged,
        outside_short,
        outside_unknown,
        0 as days_unknown
    from {{ ref('stg_custody_day') }}
    union all
    select
        days.facility,
        {{ month_of('days.day') }},
        coalesce(days.population, 0),
        0,
        coalesce(days.population, 0),
        0,
        0,
        coalesce(days.population, 0),
        case when days.population is null then 1 else 0 end
    from {{ ref('int_facility_days') }} as days
    left join {{ ref('stg_custody_day') }} as told on days.facility = told.facility and days.day = told.day
    where told.day is null
)

select
    facility,
    month,
    sum(persons) as person_days,
    sum(persons - solitary_unknown) as solitary_judged,
    sum(solitary) as solitary_days,
    sum(solitary_unknown) as solitary_unknown,
    sum(prolonged) as solitary_over_15_days,
    sum(persons - outside_unknown) as outside_judged,
    sum(persons - outside_unknown - outside_short) as outside_hour,
    sum(outside_short) as outside_short,
    sum(outside_unknown) as outside_unknown,
    sum(days_unknown) as days_unknown
from days
group by facility, month
