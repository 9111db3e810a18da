{# Points of each facility: of an indicator's steps that its value reaches, the highest counts. #}
{%- set value = "case when points.whole_number then cast(cast(indicators.value as bigint) as string) else cast(" ~ rounded('indicators.value', 1) ~ " as string) end" -%}
with steps as (
    select
        indicators.facility,
        points.side,
        points.points,
        points.indicator,
        concat(points.label_zh, ' ', {{ value }}, coalesce(points.value_unit, '')) as reason_zh,
        concat(points.label_en, ' ', {{ value }}, coalesce(points.value_unit, '')) as reason_en,
        row_number() over (partition by indicators.facility, points.indicator order by points.at_least desc) as step_rank
    from {{ ref('mart_facility_indicators') }} as indicators
    inner join {{ ref('ranking_indicators') }} as points
        on indicators.indicator = points.indicator and indicators.value >= points.at_least
),

reached as (
    select
        *,
        concat(cast(1000 - points as string), indicator) as reason_order
    from steps
    where step_rank = 1
),

scored as (
    select
        facility,
        sum(case when side = 'load' then points end) as load_score,
        sum(case when side = 'weakness' then points end) as weakness_score,
        {{ join_texts('reason_zh', '；', 'reason_order') }} as reasons_zh,
        {{ join_texts('reason_en', '; ', 'reason_order') }} as reasons_en
    from reached
    group by facility
),

facilities as (
    select population.unit as facility, population.month, population.adp, population.occupancy_pct
    from {{ ref('mart_population') }} as population
    inner join {{ ref('int_coverage') }} as coverage on population.month = coverage.last_month
    where population.tier = 'facility' and population.facility_days > 0
)

select
    facilities.facility,
    facilities.month,
    facilities.adp,
    facilities.occupancy_pct,
    coalesce(scored.load_score, 0) as load_score,
    coalesce(scored.weakness_score, 0) as weakness_score,
    rank() over (order by coalesce(scored.load_score, 0) desc) as load_rank,
    rank() over (order by coalesce(scored.weakness_score, 0) desc) as weakness_rank,
    coalesce(scored.reasons_zh, '') as reasons_zh,
    coalesce(scored.reasons_en, '') as reasons_en
from facilities
left join scored on facilities.facility = scored.facility
