{#
    Deaths by unit and month, with the 12 months that end with it. in_rate holds the deaths of facility-months whose
    population is known, so that numerator and denominator of the rate come from the same facilities.
#}
with by_facility as (
    select
        facility,
        month,
        count(*) as deaths_total,
        count(case when death_class = 'illness' then 1 end) as deaths_illness,
        count(case when death_class = 'unnatural' then 1 end) as deaths_unnatural,
        count(case when death_class = 'pending' then 1 end) as deaths_pending,
        count(case when death_class = 'unknown' then 1 end) as deaths_unknown,
        count(case when off_site then 1 end) as deaths_off_site
    from {{ ref('int_deaths') }}
    where counted and month is not null
    group by facility, month
),

monthly as (
    select
        members.tier,
        members.unit,
        facilities.month,
        coalesce(sum(deaths.deaths_total), 0) as deaths_total,
        coalesce(sum(deaths.deaths_illness), 0) as deaths_illness,
        coalesce(sum(deaths.deaths_unnatural), 0) as deaths_unnatural,
        coalesce(sum(deaths.deaths_pending), 0) as deaths_pending,
        coalesce(sum(deaths.deaths_unknown), 0) as deaths_unknown,
        coalesce(sum(deaths.deaths_off_site), 0) as deaths_off_site,
        coalesce(sum(case when facilities.known_days > 0 then deaths.deaths_total end), 0) as in_rate
    from {{ ref('int_facility_months') }} as facilities
    inner join {{ ref('int_unit_members') }} as members on facilities.facility = members.member
    left join by_facility as deaths on facilities.facility = deaths.facility and facilities.month = deaths.month
    group by members.tier, members.unit, facilities.month
)

select
    *,
    deaths_unnatural as unnatural_low,
    deaths_unnatural + deaths_pending + deaths_unknown as unnatural_high,
    sum(deaths_total) over {{ last_12_months('tier, unit') }} as deaths_12m,
    sum(in_rate) over {{ last_12_months('tier, unit') }} as deaths_12m_in_rate,
    sum(deaths_unnatural) over {{ last_12_months('tier, unit') }} as unnatural_low_12m,
    sum(deaths_unnatural + deaths_pending + deaths_unknown) over {{ last_12_months('tier, unit') }} as unnatural_high_12m
from monthly
