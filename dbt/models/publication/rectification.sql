select
    {{ unit_columns('units') }},
    orders.rectification,
    orders.category,
    orders.listed,
    orders.ordered,
    orders.due,
    orders.closed,
    case when orders.closed is null then 'open' else 'closed' end as status,
    cast(orders.days_open as bigint) as days_open,
    orders.overdue,
    cast(orders.days_overdue as bigint) as days_overdue,
    orders.recurrence
from {{ ref('int_rectifications') }} as orders
inner join {{ ref('int_tier_units') }} as units on units.tier = 'facility' and orders.facility = units.unit
