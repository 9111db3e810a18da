{%- set metrics = windowed_metrics() -%}
select
    {{ unit_columns('units') }},
    metrics.facility_type,
    metrics.month,
    metrics.metric,
    {% for language in ['zh', 'en'] -%}
    case metrics.metric
        {% for name, metric in metrics.items() -%}
        when '{{ name }}' then '{{ metric[language] }}'
        {% else -%}
        when '' then ''
        {% endfor -%}
    end as metric_{{ language }},
    {% endfor -%}
    case metrics.metric_kind
        when 'level' then 'persons'
        when 'rate' then '{{ "per %s ADP" % profile("rate_base") }}'
        when 'per_admissions' then concat('per ', cast(cast(metrics.per as bigint) as string), ' admissions')
        else '%'
    end as value_unit,
    '{{ var("publication_profile") }}' as publication_profile,
    {% for column, name in {
        'value_now': 'value', 'low_now': 'value_low', 'high_now': 'value_high', 'value_before': 'value_before', 'value_centred': 'value_3_years',
        'change': 'change', 'change_low': 'change_low', 'change_high': 'change_high',
    }.items() -%}
    round(metrics.{{ column }}, 4) as {{ name }},
    {% endfor -%}
    metrics.flag,
    metrics.change_flag
from {{ ref('mart_metrics') }} as metrics
inner join {{ ref('int_tier_units') }} as units on metrics.tier = units.tier and metrics.unit = units.unit
where
    (metrics.value_now is not null or metrics.flag in ('too_few_events', 'no_population'))
    {%- if profile('window_ends') %}
    and month(metrics.month) in ({{ profile('window_ends') | join(', ') }})
    {%- endif %}
