{#
    One row: the days that the registers cover. Nothing is known of days after the last news, after the day the last
    version was learnt, or after the knowledge date. Figures begin with the first month that has news of a facility,
    and end with the last month that is covered to its last day.
#}
with bounds as (
    select
        max(day) as last_news,
        max(known_day) as last_known
    from {{ ref('int_facility_news') }}
),

until as (
    select
        least(last_news, last_known, cast('{{ var("as_known_on") }}' as date)) as data_until,
        least(last_known, cast('{{ var("as_known_on") }}' as date)) as knowledge_date
    from bounds
    where last_news is not null
),

starts as (select min(starts) as data_from from {{ ref('int_facility_starts') }})

select
    starts.data_from,
    until.data_until,
    until.knowledge_date,
    {{ month_of('starts.data_from') }} as first_month,
    case
        when last_day(until.data_until) = until.data_until then {{ month_of('until.data_until') }}
        else {{ add_months(month_of('until.data_until'), -1) }}
    end as last_month
from starts
left join until on true
