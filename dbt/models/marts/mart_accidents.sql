{# Incidents by unit, month and family, with the 12 months that end with it; in_rate as in mart_deaths. #}
with by_facility as (
    select
        facility,
        {{ month_of('happened') }} as month,
        family,
        count(case when severity = 'minor' then 1 end) as minor,
        count(case when severity = 'serious' then 1 end) as serious,
        count(case when severity = 'major' then 1 end) as major,
        count(*) as incidents_total,
        sum(detainees_involved) as detainees_involved,
        sum(staff_involved) as staff_involved
    from {{ ref('stg_incident') }}
    group by facility, {{ month_of('happened') }}, family
),

families as (
    {% for family in ['violence', 'self_harm', 'escape', 'health', 'fire_environment', 'staff_conduct', 'other'] -%}
    select '{{ family }}' as family{% if not loop.last %} union all {% endif %}
    {% endfor %}
),

monthly as (
    select
        members.tier,
        members.unit,
        facilities.month,
        families.family,
        coalesce(sum(incidents.minor), 0) as minor,
        coalesce(sum(incidents.serious), 0) as serious,
        coalesce(sum(incidents.major), 0) as major,
        coalesce(sum(incidents.incidents_total), 0) as incidents_total,
        coalesce(sum(incidents.detainees_involved), 0) as detainees_involved,
        coalesce(sum(incidents.staff_involved), 0) as staff_involved,
        coalesce(sum(case when facilities.known_days > 0 then incidents.incidents_total end), 0) as in_rate
    from {{ ref('int_facility_months') }} as facilities
    inner join {{ ref('int_unit_members') }} as members on facilities.facility = members.member
    cross join families
    left join by_facility as incidents
        on
            facilities.facility = incidents.facility
            and facilities.month = incidents.month
            and families.family = incidents.family
    group by members.tier, members.unit, facilities.month, families.family
)

select
    *,
    sum(incidents_total) over {{ last_12_months('tier, unit, family') }} as incidents_12m,
    sum(in_rate) over {{ last_12_months('tier, unit, family') }} as incidents_12m_in_rate
from monthly
