{# Rectification by unit and month. Medians are over orders, so every tier is counted from orders anew. #}
with orders as (
    select
        members.tier,
        members.unit,
        members.facility_type,
        months.month,
        months.month_end,
        orders.*
    from {{ ref('int_rectifications') }} as orders
    inner join {{ ref('int_unit_members') }} as members on orders.facility = members.member
    inner join {{ ref('int_months') }} as months
        on
            (orders.ordered <= months.month_end and coalesce(orders.closed, months.month) >= months.month)
            or orders.due between months.month and months.month_end
),

counted as (
    select
        tier,
        unit,
        facility_type,
        month,
        count(case when ordered between month and month_end then 1 end) as ordered,
        count(case when due between month and month_end then 1 end) as due_in_month,
        count(case when due between month and month_end and closed <= due then 1 end) as closed_on_time,
        count(case when closed between month and month_end then 1 end) as closed_in_month,
        count(case when ordered <= month_end and coalesce(closed > month_end, true) then 1 end) as open_at_end,
        count(case when ordered <= month_end and coalesce(closed > month_end, true) and due < month_end then 1 end) as overdue_at_end,
        median(case when ordered <= month_end and coalesce(closed > month_end, true) then {{ days_between('ordered', 'month_end') }} end) as median_age_days,
        count(case when closed between month and month_end and recurrence then 1 end) as recurred_within_90_days
    from orders
    group by tier, unit, facility_type, month
)

select
    months.tier,
    months.unit,
    months.facility_type,
    months.month,
    months.facility_days,
    coalesce(counted.ordered, 0) as ordered,
    coalesce(counted.due_in_month, 0) as due_in_month,
    coalesce(counted.closed_on_time, 0) as closed_on_time,
    coalesce(counted.closed_in_month, 0) as closed_in_month,
    coalesce(counted.open_at_end, 0) as open_at_end,
    coalesce(counted.overdue_at_end, 0) as overdue_at_end,
    counted.median_age_days,
    coalesce(counted.recurred_within_90_days, 0) as recurred_within_90_days
from {{ ref('mart_population') }} as months
left join counted
    on
        months.tier = counted.tier
        and months.unit = counted.unit
        and months.facility_type = counted.facility_type
        and months.month = counted.month
