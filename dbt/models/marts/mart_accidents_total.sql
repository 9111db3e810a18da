{# mart_accidents added up over the families. #}
select
    tier,
    unit,
    month,
    sum(minor) as minor,
    sum(serious) as serious,
    sum(major) as major,
    sum(incidents_total) as incidents_total,
    sum(detainees_involved) as detainees_involved,
    sum(staff_involved) as staff_involved,
    sum(incidents_12m) as incidents_12m,
    sum(incidents_12m_in_rate) as incidents_12m_in_rate
from {{ ref('mart_accidents') }}
group by tier, unit, month
