select
    {{ unit_columns('units') }},
    alerts.alert_id,
    alerts.rule,
    coalesce(titles.title_zh, alerts.rule) as rule_title_zh,
    coalesce(titles.title_en, alerts.rule) as rule_title_en,
    alerts.severity,
    alerts.mode,
    alerts.verdict,
    alerts.zone,
    alerts.accountable,
    case when alerts.is_cleared then 'cleared' else 'open' end as status,
    alerts.onset_at,
    alerts.raised_at,
    alerts.cleared_at,
    cast(alerts.duration_s as double) as duration_s
from {{ ref('int_alerts') }} as alerts
inner join {{ ref('int_tier_units') }} as units on units.tier = 'facility' and alerts.facility = units.unit
left join {{ ref('rule_titles') }} as titles on alerts.rule = titles.rule
