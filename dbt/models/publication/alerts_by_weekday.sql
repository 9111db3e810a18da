with days as (
    select
        *,
        {{ add_hours('raised_at', var('utc_offset_hours')) }} as local_at
    from {{ ref('int_alerts') }}
    where mode = 'active'
),

counted as (
    select
        members.tier,
        members.unit,
        {{ weekday_of('days.local_at') }} as weekday_number,
        extract(hour from days.local_at) as local_hour,
        days.severity,
        count(*) as alerts
    from days
    inner join {{ ref('int_unit_members') }} as members on days.facility = members.member
    group by members.tier, members.unit, {{ weekday_of('days.local_at') }}, extract(hour from days.local_at), days.severity
)

select
    {{ unit_columns('units') }},
    cast(counted.weekday_number as string) as weekday,
    {{ two_digits('counted.local_hour') }} as local_hour,
    counted.severity,
    counted.alerts
from counted
inner join {{ ref('int_tier_units') }} as units on counted.tier = units.tier and counted.unit = units.unit
