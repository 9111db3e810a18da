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

by_unit as (
    select
        members.tier,
        members.unit,
        deaths.month,
        sum(deaths.deaths_total) as deaths_total,
        sum(deaths.deaths_illness) as deaths_illness,
        sum(deaths.deaths_unnatural) as deaths_unnatural,
        sum(deaths.deaths_pending) as deaths_pending,
        sum(deaths.deaths_unknown) as deaths_unknown,
        sum(deaths.deaths_off_site) as deaths_off_site,
        sum(case when facilities.known_days > 0 then deaths.deaths_total end) as in_rate
    from by_facility as deaths
    inner join {{ ref('int_facility_months') }} as facilities
        on deaths.facility = facilities.facility and deaths.month = facilities.month
    inner join {{ ref('int_unit_members') }} as members on deaths.facility = members.member
    group by members.tier, members.unit, deaths.month
),

monthly as (
    select
        months.tier,
        months.unit,
        months.month,
        {% for column in ['deaths_total', 'deaths_illness', 'deaths_unnatural', 'deaths_pending', 'deaths_unknown', 'deaths_off_site', 'in_rate'] -%}
        coalesce(by_unit.{{ column }}, 0) as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('mart_population') }} as months
    left join by_unit on months.tier = by_unit.tier and months.unit = by_unit.unit and months.month = by_unit.month
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
