{#
    Everything that the registers say happened in a facility, as days. What is about population (stays, head counts)
    is told apart: only that can cover a facility's days.
#}
with news as (
    select facility, admitted as day, known_from, true as about_population from {{ ref('stg_stay') }}
    union all select facility, released, known_from, true from {{ ref('stg_stay') }} where released is not null
    union all select place, day, known_from, true from {{ ref('stg_population_count') }} where place_kind = 'facility' and population_group = 'prisoners'
    union all select facility, died, known_from, false from {{ ref('stg_death') }} where died is not null
    union all select facility, cast(happened as date), known_from, false from {{ ref('stg_incident') }}
    union all select facility, performed, known_from, false from {{ ref('stg_inspection') }} where performed is not null
    union all select facility, found, known_from, false from {{ ref('stg_finding') }}
    union all select facility, ordered, known_from, false from {{ ref('stg_rectification_order') }}
    union all select facility, closed, known_from, false from {{ ref('stg_rectification_order') }} where closed is not null
    union all select facility, cast(scheduled as date), known_from, false from {{ ref('stg_patrol_visit') }}
    union all select facility, held, known_from, false from {{ ref('stg_drill') }} where held is not null
    union all select facility, received, known_from, false from {{ ref('stg_complaint_record') }}
    union all select facility, cast(due as date), known_from, false from {{ ref('stg_medical_duty') }}
    union all select facility, day, known_from, false from {{ ref('stg_custody_day') }}
    union all select facility, cast(begun as date), known_from, false from {{ ref('stg_restraint_use') }}
    union all select facility, cast(waits_from as date), known_from, false from {{ ref('stg_lawyer_request') }}
    union all select facility, cast(starts as date), known_from, false from {{ ref('stg_epidemic_record') }}
    union all select place, day, known_from, false from {{ ref('stg_reported_count') }} where place_kind = 'facility' and population_group = 'prisoners'
)

select
    facility,
    day,
    cast(known_from as date) as known_day,
    about_population
from news
