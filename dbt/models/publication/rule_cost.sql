with measured as (
    select
        *,
        row_number() over (partition by facility, rule, rule_version, mode order by sampled desc) as age
    from {{ ref('stg_rule_cost') }}
)

select
    {{ unit_columns('units') }},
    measured.rule,
    coalesce(titles.title_zh, measured.rule) as rule_title_zh,
    coalesce(titles.title_en, measured.rule) as rule_title_en,
    measured.rule_version,
    measured.mode,
    {{ ms_to_timestamp('measured.sampled') }} as measured_at,
    measured.day as measured_day,
    measured.seconds as measured_seconds,
    {{ rounded('greatest(measured.cost_us, 0e0)', 2) }} as cost_us,
    {{ rounded('measured.none_us', 2) }} as none_us,
    case
        when measured.none_us > 0
            then {{ rounded('(measured.none_us + greatest(measured.cost_us, 0e0)) / measured.none_us', 3) }}
    end as cost_ratio,
    {{ rounded('greatest(measured.together_us, 0e0)', 2) }} as together_us
from measured
inner join {{ ref('int_tier_units') }} as units on units.tier = 'facility' and measured.facility = units.unit
left join {{ ref('rule_titles') }} as titles on measured.rule = titles.rule
where measured.age = 1
