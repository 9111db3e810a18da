select
    {{ unit_columns('units') }},
    orders.month,
    cast(orders.ordered as bigint) as ordered,
    cast(orders.due_in_month as bigint) as due_in_month,
    cast(orders.closed_on_time as bigint) as closed_on_time,
    case
        when orders.due_in_month > 0 then {{ rounded(percent_of('orders.closed_on_time', 'orders.due_in_month')) }}
    end as closed_on_time_pct,
    cast(orders.closed_in_month as bigint) as closed_in_month,
    cast(orders.open_at_end as bigint) as open_at_end,
    cast(orders.overdue_at_end as bigint) as overdue_at_end,
    cast(orders.median_age_days as double) as median_age_days,
    cast(orders.recurred_within_90_days as bigint) as recurred_within_90_days
from {{ ref('mart_rectification') }} as orders
inner join {{ ref('int_tier_units') }} as units on orders.tier = units.tier and orders.unit = units.unit
where orders.facility_days > 0 or orders.open_at_end > 0
