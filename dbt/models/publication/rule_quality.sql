{#
    Every rule of the catalogue has a row for every province and the nation, so that a silent one is seen. No rows of
    cities and facilities: one alert about somebody's health there is that person's.
#}
with counted as (
    select
        members.tier,
        members.unit,
        alerts.rule,
        count(case when alerts.mode = 'active' then 1 end) as alerts,
        count(case when alerts.mode = 'shadow' then 1 end) as alerts_shadow,
        count(case when alerts.mode = 'active' and alerts.verdict = 'unobservable' then 1 end) as unobservable,
        count(case when alerts.mode = 'active' and not alerts.is_cleared then 1 end) as open_alerts,
        count(case when alerts.mode = 'active' and alerts.outcome in ('done', 'false_alarm') then 1 end) as judged,
        count(case when alerts.mode = 'active' and alerts.outcome = 'false_alarm' then 1 end) as false_alarms,
        median(case when alerts.mode = 'active' then alerts.duration_s end) as median_duration_s,
        max(case when alerts.mode = 'active' then alerts.raised_at end) as last_raised_at
    from {{ ref('int_alerts') }} as alerts
    inner join {{ ref('int_unit_members') }} as members on alerts.facility = members.member
    group by members.tier, members.unit, alerts.rule
),

grid as (
    select
        units.*,
        titles.rule,
        titles.title_zh,
        titles.title_en
    from {{ ref('int_tier_units') }} as units
    cross join {{ ref('rule_titles') }} as titles
    where units.tier in ('nation', 'province')
)

select
    {{ unit_columns('grid') }},
    grid.rule,
    grid.title_zh as rule_title_zh,
    grid.title_en as rule_title_en,
    coalesce(counted.alerts, 0) as alerts,
    coalesce(counted.alerts_shadow, 0) as alerts_shadow,
    coalesce(counted.unobservable, 0) as unobservable,
    coalesce(counted.open_alerts, 0) as open_alerts,
    coalesce(counted.judged, 0) as judged,
    coalesce(counted.false_alarms, 0) as false_alarms,
    case when counted.judged > 0 then {{ rounded(percent_of('counted.false_alarms', 'counted.judged'), 2) }} end as false_alarm_pct,
    {% for side, name in {'-': 'low', '+': 'high'}.items() -%}
    case
        when counted.judged > 0
            then {{ rounded('100 * ' ~ wilson('cast(counted.false_alarms as double)', 'cast(counted.judged as double)', side), 2) }}
    end as false_alarm_pct_{{ name }},
    {% endfor -%}
    case when counted.alerts > 0 then {{ rounded(percent_of('counted.unobservable', 'counted.alerts'), 2) }} end as unobservable_pct,
    cast(counted.median_duration_s as double) as median_duration_s,
    counted.last_raised_at
from grid
left join counted on grid.tier = counted.tier and grid.unit = counted.unit and grid.rule = counted.rule
