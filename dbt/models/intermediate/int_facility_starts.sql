{#
    From which day the registers speak of a facility. Stays that began before a register was kept are known only where
    they lasted until then, so earlier days would look too empty: where rows were learnt while things happened, the
    register starts with the month in which the first was learnt. Where the whole history was imported later, it starts
    with the month of the first news.
#}
with news as (
    select
        facility,
        min(day) as first_news,
        max(day) as last_news,
        min(case when about_population then day end) as first_population_news,
        max(case when about_population then day end) as last_population_news,
        min(case when about_population then known_day end) as first_population_known
    from {{ ref('int_facility_news') }}
    group by facility
),

starts as (
    select
        facility,
        first_news,
        last_population_news,
        {{ month_of('case when first_population_known between first_population_news and last_population_news then first_population_known else first_population_news end') }} as population_from
    from news
),

others as (
    select facility, min(day) as first_other_news
    from {{ ref('int_facility_news') }}
    where not about_population
    group by facility
)

select
    starts.facility,
    starts.first_news,
    starts.population_from,
    starts.last_population_news,
    {{ month_of("least(coalesce(starts.population_from, others.first_other_news), coalesce(others.first_other_news, starts.population_from))") }} as starts
from starts
left join others on starts.facility = others.facility
