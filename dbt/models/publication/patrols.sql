select
    {{ unit_columns('units') }},
    patrols.month,
    {% for column in ['visits_scheduled', 'visits_on_time', 'visits_late', 'visits_missed', 'visits_unobservable'] -%}
    cast(patrols.{{ column }} as bigint) as {{ column }},
    {% endfor -%}
    case
        when patrols.visits_scheduled > 0 then {{ rounded(percent_of('patrols.visits_on_time', 'patrols.visits_scheduled')) }}
    end as on_time_pct
from {{ ref('mart_patrols') }} as patrols
inner join {{ ref('int_tier_units') }} as units on patrols.tier = units.tier and patrols.unit = units.unit
where patrols.facility_type = 'all' and (patrols.facility_days > 0 or patrols.visits_scheduled > 0)
