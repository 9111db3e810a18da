{#
    Every metric in one shape: what is divided (part) by what (whole) in a unit, facility type and month. A rate's part is
    what happened in facility-months with known population, `all_events` what happened at all. A unit has rows from its
    first month in operation to its last. Which metrics there are is in models/publication/metrics.yml.
#}
{%- set marts = {
    'mart_population': ref('mart_population'), 'mart_movements': ref('mart_movements'), 'mart_deaths': ref('mart_deaths'),
    'mart_accidents': ref('mart_accidents'), 'mart_accidents_total': ref('mart_accidents_total'),
    'mart_inspections': ref('mart_inspections'), 'mart_inspection_status': ref('mart_inspection_status'),
    'mart_patrols': ref('mart_patrols'), 'mart_rectification': ref('mart_rectification'), 'mart_duties': ref('mart_duties'),
    'mart_alerts': ref('mart_alerts'), 'mart_data_quality': ref('mart_data_quality'),
} -%}
with spans as (
    select
        tier,
        unit,
        facility_type,
        min(month) as first_month,
        max(month) as last_month
    from {{ ref('mart_population') }}
    where facility_days > 0
    group by tier, unit, facility_type
),

grid as (
    select
        population.tier,
        population.unit,
        population.facility_type,
        population.month,
        population.calendar_days as days,
        population.exposure as person_time,
        population.facilities_known as reporters,
        population.facilities as expected,
        movements.admissions as admitted
    from {{ ref('mart_population') }} as population
    inner join {{ ref('mart_movements') }} as movements
        on
            population.tier = movements.tier
            and population.unit = movements.unit
            and population.facility_type = movements.facility_type
            and population.month = movements.month
    inner join spans
        on
            population.tier = spans.tier
            and population.unit = spans.unit
            and population.facility_type = spans.facility_type
            and population.month between spans.first_month and spans.last_month
)

{% for name, metric in windowed_metrics().items() -%}
select
    grid.tier,
    grid.unit,
    grid.facility_type,
    grid.month,
    '{{ name }}' as metric,
    '{{ metric.kind }}' as metric_kind,
    cast({{ profile('rate_base') if metric.kind == 'rate' else metric.per | default(1) }} as double) as per,
    grid.days,
    grid.reporters,
    grid.expected,
    {% if metric.kind == 'rate' -%}
    cast(counted.{{ metric.part }}_in_rate as double) as part,
    cast(counted.{{ metric.part }} as double) as all_events,
    grid.person_time as whole
    {%- elif metric.kind == 'per_admissions' -%}
    cast(counted.{{ metric.part }} as double) as part,
    cast(counted.{{ metric.part }} as double) as all_events,
    cast(grid.admitted as double) as whole
    {%- else -%}
    cast({{ metric.part }} as double) as part,
    cast(null as double) as all_events,
    cast({{ metric.whole }} as double) as whole
    {%- endif %}
from grid
inner join {{ marts[metric.mart] }} as counted
    on
        grid.tier = counted.tier
        and grid.unit = counted.unit
        and grid.facility_type = counted.facility_type
        and grid.month = counted.month
{%- if metric.where %}
where counted.{{ metric.where }}
{%- endif %}
{% if not loop.last %}union all
{% endif %}
{%- else -%}
select
    tier,
    unit,
    facility_type,
    month,
    '' as metric,
    '' as metric_kind,
    cast(null as double) as per,
    days,
    reporters,
    expected,
    cast(null as double) as part,
    cast(null as double) as all_events,
    cast(null as double) as whole
from grid
{%- endfor %}
