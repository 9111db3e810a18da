with hourly as (
    select
        members.tier,
        members.unit,
        date_trunc('hour', alerts.raised_at) as hour,
        alerts.rule,
        alerts.severity,
        alerts.mode,
        alerts.verdict,
        count(*) as alerts,
        count(case when not alerts.is_cleared then 1 end) as open_alerts
    from {{ ref('int_alerts') }} as alerts
    inner join {{ ref('int_unit_members') }} as members on alerts.facility = members.member and members.facility_type = 'all'
    group by
        members.tier,
        members.unit,
        date_trunc('hour', alerts.raised_at),
        alerts.rule,
        alerts.severity,
        alerts.mode,
        alerts.verdict
)

select
    {{ unit_columns('units') }},
    hourly.hour,
    hourly.rule,
    coalesce(titles.title_zh, hourly.rule) as rule_title_zh,
    coalesce(titles.title_en, hourly.rule) as rule_title_en,
    hourly.severity,
    hourly.mode,
    hourly.verdict,
    hourly.alerts,
    hourly.open_alerts
from hourly
inner join {{ ref('int_tier_units') }} as units on hourly.tier = units.tier and hourly.unit = units.unit
left join {{ ref('rule_titles') }} as titles on hourly.rule = titles.rule
