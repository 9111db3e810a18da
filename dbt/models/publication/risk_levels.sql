{# Every level has a row, so that an absent one does not tell more than a withheld one. #}
with facilities as (
    select facility, max(as_of) as as_of
    from {{ ref('int_risk_now') }}
    group by facility
),

levels as (
    select 'low' as level
    union all
    select 'elevated'
    union all
    select 'high'
),

counted as (
    select facility, level, count(*) as persons
    from {{ ref('int_risk_now') }}
    group by facility, level
),

cells as (
    select
        facilities.facility,
        facilities.as_of,
        levels.level,
        coalesce(counted.persons, 0) as persons
    from facilities
    cross join levels
    left join counted on facilities.facility = counted.facility and levels.level = counted.level
)

select
    {{ unit_columns('units') }},
    cells.level,
    cells.persons,
    cells.as_of,
    '' as withheld
from cells
inner join {{ ref('int_tier_units') }} as units on units.tier = 'facility' and cells.facility = units.unit
