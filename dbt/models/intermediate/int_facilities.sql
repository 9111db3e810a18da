{#
    Every facility that any row speaks of. One that the register does not hold counts for the nation only, so that
    nothing is lost; the gate refuses register rows about it.
#}
with mentioned as (
    select facility, true as in_registers from {{ ref('stg_facility') }}
    union all select facility, true from {{ ref('int_facility_news') }}
    union all select facility, false from {{ ref('stg_alert') }}
    union all select facility, false from {{ ref('stg_risk') }}
),

facilities as (
    select facility, max(case when in_registers then 1 else 0 end) as in_registers
    from mentioned
    group by facility
)

select
    facilities.facility,
    coalesce(register.name_zh, facilities.facility) as name_zh,
    coalesce(register.name_en, facilities.facility) as name_en,
    register.facility_type,
    register.capacity,
    register.opened,
    register.closed,
    units.province,
    units.city,
    register.facility is not null as registered,
    facilities.in_registers = 1 as in_registers
from facilities
left join {{ ref('stg_facility') }} as register on facilities.facility = register.facility
left join {{ ref('int_units') }} as units on register.unit = units.unit
