{#
    Every metric over the window that ends with the month, over the one before, and over three windows centred on it, with
    limits, the change and its limits, and flags. A window's value is made of the window's sums; nothing is averaged.
    Two windows in which different facilities reported are not compared: the change would be theirs.
#}
with windows as (
    select
        tier,
        unit,
        facility_type,
        month,
        metric,
        metric_kind,
        per
        {%- for window in ['now', 'before', 'centred'] %},
        count(*) over {{ metric_window(window) }} as months_{{ window }},
        sum(days) over {{ metric_window(window) }} as days_{{ window }},
        sum(reporters) over {{ metric_window(window) }} as reporters_{{ window }},
        sum(expected) over {{ metric_window(window) }} as expected_{{ window }},
        sum(part) over {{ metric_window(window) }} as part_{{ window }},
        sum(whole) over {{ metric_window(window) }} as whole_{{ window }},
        sum(all_events) over {{ metric_window(window) }} as all_{{ window }}
        {%- endfor %}
    from {{ ref('mart_metric_months') }}
),

flagged as (
    select
        windows.*,
        limits_now.lower_limit as lower_now,
        limits_now.upper_limit as upper_now,
        limits_before.lower_limit as lower_before,
        limits_before.upper_limit as upper_before,
        {{ metric_flag('now') }} as flag,
        {{ metric_flag('before') }} as flag_before,
        {{ metric_flag('centred') }} as flag_centred
    from windows
    left join {{ ref('garwood_limits') }} as limits_now on windows.part_now = limits_now.events
    left join {{ ref('garwood_limits') }} as limits_before on windows.part_before = limits_before.events
),

valued as (
    select
        tier,
        unit,
        facility_type,
        month,
        metric,
        metric_kind,
        per,
        flag,
        reporters_now,
        reporters_before
        {%- for window, suffix in {'now': '', 'before': '_before'}.items() %},
        case when flag{{ suffix }} in ('ok', 'unreliable') then {{ metric_value('part_' ~ window, window) }} end as value_{{ window }},
        case when flag{{ suffix }} in ('ok', 'unreliable') then {{ metric_limit(window, poisson_low('part_' ~ window, 'lower_' ~ window), '-') }} end as low_{{ window }},
        case when flag{{ suffix }} in ('ok', 'unreliable') then {{ metric_limit(window, poisson_high('part_' ~ window, 'upper_' ~ window), '+') }} end as high_{{ window }}
        {%- endfor %},
        case when flag_centred in ('ok', 'unreliable') then {{ metric_value('part_centred' ~ " / case when metric_kind = 'rate' then 3 else 1 end", 'centred') }} end as value_centred
    from flagged
),

changed as (
    select
        *,
        case
            when value_now is null or value_before is null then 'no_comparison'
            when metric_kind in ('rate', 'level') and 20 * abs(reporters_now - reporters_before) > reporters_before then 'different_reporters'
            when low_now is null then 'no_interval'
            when {{ change_low('value_now', 'low_now', 'value_before', 'high_before') }} > 0 then 'higher'
            when {{ change_high('value_now', 'high_now', 'value_before', 'low_before') }} < 0 then 'lower'
            else 'within_chance'
        end as change_flag
    from valued
)

select
    tier,
    unit,
    facility_type,
    month,
    metric,
    metric_kind,
    per,
    value_now,
    low_now,
    high_now,
    flag,
    value_before,
    value_centred,
    case when change_flag not in ('no_comparison', 'different_reporters') then value_now - value_before end as change,
    case when change_flag not in ('no_comparison', 'different_reporters') then {{ change_low('value_now', 'low_now', 'value_before', 'high_before') }} end as change_low,
    case when change_flag not in ('no_comparison', 'different_reporters') then {{ change_high('value_now', 'high_now', 'value_before', 'low_before') }} end as change_high,
    change_flag
from changed
