{#
    Each facility's last inspection on site at the end of each month, since its first: the outcome, how long ago, and the
    days between it and the one before. Video inspections have a schedule of their own and are not looked at here.
#}
with performed as (
    select
        facility,
        performed,
        outcome,
        lag(performed) over (partition by facility order by performed, inspection) as day_before,
        lead(performed) over (partition by facility order by performed, inspection) as day_after
    from {{ ref('stg_inspection') }}
    where performed is not null and kind <> 'video'
)

select
    performed.facility,
    months.month,
    performed.outcome,
    {{ days_between('performed.day_before', 'performed.performed') }} as days_between,
    {{ days_between('performed.performed', 'months.month_end') }} as days_since
from performed
inner join {{ ref('int_months') }} as months
    on performed.performed <= months.month_end and coalesce(performed.day_after > months.month_end, true)
