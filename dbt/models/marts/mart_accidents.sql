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

by_unit as (
    select
        members.tier,
        members.unit,
        incidents.month,
        incidents.family,
        sum(incidents.minor) as minor,
        sum(incidents.serious) as serious,
        sum(incidents.major) as major,
        sum(incidents.incidents_total) as incidents_total,
        sum(incidents.detainees_involved) as detainees_involved,
        sum(incidents.staff_involved) as staff_involved,
        sum(case when facilities.known_days > 0 then incidents.incidents_total end) as in_rate
    from by_facility as incidents
    inner join {{ ref('int_facility_months') }} as facilities
        on incidents.facility = facilities.facility and incidents.month = facilities.month
    inner join {{ ref('int_unit_members') }} as members on incidents.facility = members.member
    group by members.tier, members.unit, incidents.month, incidents.family
),

monthly as (
    select
        months.tier,
        months.unit,
        months.month,
        families.family,
        {% for column in ['minor', 'serious', 'major', 'incidents_total', 'detainees_involved', 'staff_involved', 'in_rate'] -%}
        coalesce(by_unit.{{ column }}, 0) as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('mart_population') }} as months
    cross join families
    left join by_unit
        on
            months.tier = by_unit.tier
            and months.unit = by_unit.unit
            and months.month = by_unit.month
            and families.family = by_unit.family
)

select
    *,
    sum(incidents_total) over {{ last_12_months('tier, unit, family') }} as incidents_12m,
    sum(in_rate) over {{ last_12_months('tier, unit, family') }} as incidents_12m_in_rate
from monthly
