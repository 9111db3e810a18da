select
    {{ unit_columns('units') }},
    metrics.facility_type,
    metrics.month,
    metrics.metric,
    titles.title_zh as metric_zh,
    titles.title_en as metric_en,
    case metrics.metric_kind
        when 'level' then 'persons'
        when 'rate' then 'per {{ profile("rate_base") }} ADP'
        when 'per_admissions' then concat('per ', cast(cast(metrics.per as bigint) as string), ' admissions')
        else '%'
    end as value_unit,
    '{{ var("publication_profile") }}' as publication_profile,
    {% for column, name in {
        'value_now': 'value', 'low_now': 'value_low', 'high_now': 'value_high', 'value_before': 'value_before', 'value_centred': 'value_3_years',
        'change': 'change', 'change_low': 'change_low', 'change_high': 'change_high',
    }.items() -%}
    {{ rounded('metrics.' ~ column) }} as {{ name }},
    {% endfor -%}
    metrics.flag,
    metrics.change_flag
from {{ ref('mart_metrics') }} as metrics
inner join {{ ref('int_tier_units') }} as units on metrics.tier = units.tier and metrics.unit = units.unit
inner join {{ ref('metric_titles') }} as titles on metrics.metric = titles.metric
where
    (metrics.value_now is not null or metrics.flag in ('too_few_events', 'no_population'))
    and {{ window_may_end('metrics.month') }}
