with events as (
    select
        *,
        row_number() over (partition by facility, rule, rule_version order by number desc) = 1 as is_current
    from {{ ref('stg_rule_status') }}
),

last_alerts as (
    select facility, rule, max(raised_at) as last_raised_at
    from {{ ref('int_alerts') }}
    group by facility, rule
),

clocks as (
    select facility, max(clock) as clock
    from {{ ref('stg_ledger') }}
    group by facility
)

select
    {{ unit_columns('units') }},
    events.number,
    events.rule,
    coalesce(titles.title_zh, events.rule) as rule_title_zh,
    coalesce(titles.title_en, events.rule) as rule_title_en,
    events.rule_version,
    events.mode as rule_mode,
    events.is_current,
    {{ ms_to_timestamp('events.since') }} as since,
    events.catalogue,
    events.change <> '' as by_change,
    events.detail as fault,
    last_alerts.last_raised_at,
    {# An alert may be in the lake a commit before the clock that raised it. #}
    case
        when last_alerts.last_raised_at is not null
            then {{ rounded('greatest(' ~ seconds_between('last_alerts.last_raised_at', ms_to_timestamp('clocks.clock')) ~ ', 0) / 3600e0', 2) }}
    end as hours_silent
from events
inner join {{ ref('int_tier_units') }} as units on units.tier = 'facility' and events.facility = units.unit
left join {{ ref('rule_titles') }} as titles on events.rule = titles.rule
left join last_alerts on events.facility = last_alerts.facility and events.rule = last_alerts.rule
left join clocks on events.facility = clocks.facility
