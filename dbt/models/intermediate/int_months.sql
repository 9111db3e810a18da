{# The whole months that the registers cover. #}
with months as (
    select {{ each_month('first_month', 'last_month') }} as month
    from {{ ref('int_coverage') }}
    where first_month <= last_month
)

select
    month,
    last_day(month) as month_end,
    cast(day(last_day(month)) as bigint) as calendar_days
from months
