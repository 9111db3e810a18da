{#
    What makes a facility high-load or weak, as one value an indicator, in the last published month: over 12 months
    where the name says so, and orders as they stand now. Points come from the seed ranking_indicators.
#}
with last_month as (select last_month as month from {{ ref('int_coverage') }}),

population as (
    select population.*
    from {{ ref('mart_population') }} as population
    inner join last_month on population.month = last_month.month
    where population.tier = 'facility' and population.facility_days > 0
),

inspections as (
    select
        inspections.unit,
        sum(inspections.video_scheduled) as video_scheduled,
        sum(inspections.video_missed) as video_missed,
        sum(inspections.required_minutes) as required_minutes,
        sum(inspections.reviewed_minutes) as reviewed_minutes
    from {{ ref('mart_inspections') }} as inspections
    inner join last_month on inspections.month > {{ add_months('last_month.month', -12) }}
    where inspections.tier = 'facility'
    group by inspections.unit
),

orders as (
    select
        orders.facility,
        count(case when orders.closed is null and orders.overdue then 1 end) as overdue_orders,
        count(case when orders.closed is null and orders.overdue and orders.listed then 1 end) as overdue_listed_orders,
        count(case when orders.recurrence and orders.closed >= {{ add_months('last_month.month', -11) }} then 1 end) as recurrences_12m
    from {{ ref('int_rectifications') }} as orders
    cross join last_month
    group by orders.facility
),

deaths as (
    select deaths.unit, deaths.unnatural_low_12m, deaths.unnatural_high_12m
    from {{ ref('mart_deaths') }} as deaths
    inner join last_month on deaths.month = last_month.month
    where deaths.tier = 'facility'
),

accidents as (
    select accidents.unit, accidents.incidents_12m, accidents.incidents_12m_in_rate
    from {{ ref('mart_accidents_total') }} as accidents
    inner join last_month on accidents.month = last_month.month
    where accidents.tier = 'facility'
),

major as (
    select accidents.unit, sum(accidents.major) as major_incidents_12m
    from {{ ref('mart_accidents_total') }} as accidents
    inner join last_month on accidents.month > {{ add_months('last_month.month', -12) }}
    where accidents.tier = 'facility'
    group by accidents.unit
),

moves as (
    select stays.facility, count(*) as admissions
    from {{ ref('stg_stay') }} as stays
    inner join {{ ref('int_months') }} as months on stays.admitted between months.month and months.month_end
    inner join last_month on months.month = last_month.month
    group by stays.facility
)

select population.unit as facility, population.month, 'occupancy_pct' as indicator, population.occupancy_pct as value
from population
union all
select population.unit, population.month, 'admissions_per_100_adp', {{ percent_of('coalesce(moves.admissions, 0)', 'population.adp') }}
from population
left join moves on population.unit = moves.facility
where population.adp > 0
union all
select population.unit, population.month, 'incidents_12m_per_1000', 1000.0 * accidents.incidents_12m_in_rate / population.adp_12m
from population
inner join accidents on population.unit = accidents.unit
where population.adp_12m > 0 and population.months_12m = 12 and accidents.incidents_12m_in_rate >= {{ var('fewest_events') }}
union all
select population.unit, population.month, 'days_missing_pct', {{ percent_of('population.days_missing', 'population.facility_days') }}
from population
union all
select population.unit, population.month, 'head_counts_differing_pct', {{ percent_of('population.head_count_days_differing', 'population.head_count_days') }}
from population
where population.head_count_days > 0
union all
select population.unit, population.month, 'video_missed_12m_pct', {{ percent_of('inspections.video_missed', 'inspections.video_scheduled') }}
from population
inner join inspections on population.unit = inspections.unit
where inspections.video_scheduled > 0
union all
select population.unit, population.month, 'video_not_reviewed_12m_pct', greatest(100.0 - {{ percent_of('inspections.reviewed_minutes', 'inspections.required_minutes') }}, 0.0)
from population
inner join inspections on population.unit = inspections.unit
where inspections.required_minutes > 0
union all
select population.unit, population.month, 'overdue_orders', cast(orders.overdue_orders as double)
from population
inner join orders on population.unit = orders.facility
union all
select population.unit, population.month, 'overdue_listed_orders', cast(orders.overdue_listed_orders as double)
from population
inner join orders on population.unit = orders.facility
union all
select population.unit, population.month, 'recurrences_12m', cast(orders.recurrences_12m as double)
from population
inner join orders on population.unit = orders.facility
union all
select population.unit, population.month, 'unnatural_deaths_12m', cast(deaths.unnatural_low_12m as double)
from population
inner join deaths on population.unit = deaths.unit
union all
select population.unit, population.month, 'deaths_unresolved_12m', cast(deaths.unnatural_high_12m - deaths.unnatural_low_12m as double)
from population
inner join deaths on population.unit = deaths.unit
union all
select population.unit, population.month, 'major_incidents_12m', cast(major.major_incidents_12m as double)
from population
inner join major on population.unit = major.unit
