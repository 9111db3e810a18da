{#
    Population of each facility on each day it operated; null where nobody knows it. A stay counts on its day of
    admission and not on its day of release. Where stays do not cover the day, a head count stands for it.
#}
with days as (
    select
        facility,
        operating_from,
        stays_from,
        stays_to,
        {{ each_day('operating_from', 'operating_to') }} as day
    from {{ ref('int_facility_windows') }}
),

moves as (
    select facility, admitted as day, 1 as change from {{ ref('stg_stay') }}
    union all
    select facility, released, -1 from {{ ref('stg_stay') }} where released is not null
),

{# Who came before the window stands at its first day. #}
daily_moves as (
    select
        moves.facility,
        greatest(moves.day, windows.operating_from) as day,
        sum(moves.change) as change
    from moves
    inner join {{ ref('int_facility_windows') }} as windows on moves.facility = windows.facility
    group by moves.facility, greatest(moves.day, windows.operating_from)
),

counted as (
    select place as facility, day, population
    from {{ ref('stg_population_count') }}
    where place_kind = 'facility' and population_group = 'prisoners'
),

joined as (
    select
        days.facility,
        days.day,
        case
            when days.day between days.stays_from and days.stays_to
                then coalesce(sum(daily_moves.change) over (partition by days.facility order by days.day rows between unbounded preceding and current row), 0)
        end as in_stays,
        counted.population as head_count
    from days
    left join daily_moves on days.facility = daily_moves.facility and days.day = daily_moves.day
    left join counted on days.facility = counted.facility and days.day = counted.day
)

select
    facility,
    day,
    cast(coalesce(in_stays, head_count) as bigint) as population,
    cast(in_stays as bigint) as in_stays,
    cast(head_count as bigint) as head_count
from joined
