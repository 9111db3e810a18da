{%- set rated = "reported.adp > 0 and reported.reported_in_rate >= " ~ var('fewest_events') -%}
select
    {{ unit_columns('units') }},
    reported.facility_type,
    reported.measure,
    reported.period_from,
    reported.period_to,
    cast(reported.facilities_reporting as bigint) as facilities_reporting,
    cast(reported.facilities_in_rate as bigint) as facilities_in_rate,
    cast(reported.reported as bigint) as reported,
    cast(reported.reported_in_rate as bigint) as reported_in_rate,
    {{ rounded('reported.adp') }} as adp_in_rate,
    case when {{ rated }} then {{ rounded('1000e0 * reported.reported_in_rate / reported.adp') }} end as rate_per_1000,
    case when {{ rated }} then {{ rounded('1000e0 * (' ~ poisson_low('reported.reported_in_rate', 'limits.lower_limit') ~ ') / reported.adp') }} end as rate_low,
    case when {{ rated }} then {{ rounded('1000e0 * (' ~ poisson_high('reported.reported_in_rate', 'limits.upper_limit') ~ ') / reported.adp') }} end as rate_high,
    case
        when coalesce(reported.adp, 0) <= 0 then 'no_population'
        when reported.reported_in_rate < {{ var('fewest_events') }} then 'too_few_events'
        when reported.reported_in_rate < {{ var('reliable_events') }} then 'unreliable'
        else 'ok'
    end as rate_flag
from {{ ref('mart_reported_rates') }} as reported
inner join {{ ref('int_tier_units') }} as units on reported.tier = units.tier and reported.unit = units.unit
left join {{ ref('garwood_limits') }} as limits on reported.reported_in_rate = limits.events
