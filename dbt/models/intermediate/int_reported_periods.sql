{#
    Counts that facilities report for a period, with the population of the very same days: the person-days of all its
    months, null where the population of one of them is not known. Missing months stay missing.
#}
with periods as (
    select
        place as facility,
        measure,
        period_from,
        day as period_to,
        value
    from {{ ref('stg_reported_count') }}
    where
        place_kind = 'facility'
        and population_group = 'prisoners'
        and not cumulative
        and period_from is not null
)

select
    periods.facility,
    periods.measure,
    periods.period_from,
    periods.period_to,
    periods.value,
    {{ days_between('periods.period_from', 'periods.period_to') }} + 1 as days,
    case
        when sum(months.calendar_days) = {{ days_between('periods.period_from', 'periods.period_to') }} + 1 and count(*) = count(months.exposure)
            then sum(months.exposure)
    end as exposure
from periods
inner join {{ ref('int_facility_months') }} as months
    on
        periods.facility = months.facility
        and months.month between {{ month_of('periods.period_from') }} and periods.period_to
group by periods.facility, periods.measure, periods.period_from, periods.period_to, periods.value
