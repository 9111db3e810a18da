{# Orders with their state on the last covered day. #}
with recurred as (
    select orders.rectification
    from {{ ref('stg_rectification_order') }} as orders
    inner join {{ ref('stg_finding') }} as findings
        on
            orders.facility = findings.facility
            and orders.category = findings.category
            and orders.finding <> findings.finding
            and orders.closed < findings.found
            and findings.found <= {{ add_days('orders.closed', var('recurrence_days')) }}
    group by orders.rectification
)

select
    orders.rectification,
    orders.facility,
    orders.category,
    orders.listed,
    orders.ordered,
    orders.due,
    orders.closed,
    {{ days_between('orders.ordered', 'coalesce(orders.closed, coverage.data_until)') }} as days_open,
    coalesce(orders.closed, coverage.data_until) > orders.due as overdue,
    greatest({{ days_between('orders.due', 'coalesce(orders.closed, coverage.data_until)') }}, 0) as days_overdue,
    case when orders.closed is not null then recurred.rectification is not null end as recurrence
from {{ ref('stg_rectification_order') }} as orders
cross join {{ ref('int_coverage') }} as coverage
left join recurred on orders.rectification = recurred.rectification
