{#- Of what a count is; where that is nothing, the count is not known, and null. -#}
{%- set known_by = {
    'person_days': none, 'days_unknown': none, 'solitary_judged': none, 'solitary_unknown': none,
    'solitary_days': 'solitary_judged', 'solitary_over_15_days': 'solitary_judged',
    'outside_judged': none, 'outside_unknown': none,
    'outside_hour': 'outside_judged', 'outside_short': 'outside_judged',
    'restraint_facilities': none,
    'restraints_begun': 'restraint_facilities', 'restraints_within_time': 'restraint_facilities',
    'restraints_over_time': 'restraint_facilities', 'restraints_running': 'restraint_facilities',
    'restraints_no_end_stated': 'restraint_facilities', 'restraints_still_on': 'restraint_facilities',
    'lawyer_facilities': none,
    'lawyer_requests': 'lawyer_facilities', 'lawyer_judged': 'lawyer_facilities', 'lawyer_in_time': 'lawyer_facilities',
    'lawyer_late': 'lawyer_facilities', 'lawyer_not_met': 'lawyer_facilities', 'lawyer_not_due': 'lawyer_facilities',
    'lawyer_lapsed': 'lawyer_facilities',
} -%}
select
    {{ unit_columns('units') }},
    rights.month,
    {% for column, whole in known_by.items() -%}
    cast({% if whole %}case when rights.{{ whole }} > 0 then rights.{{ column }} end{% else %}rights.{{ column }}{% endif %} as bigint) as {{ column }},
    {% endfor -%}
    {{ share_of_days('solitary_unknown', 'person_days') }} as solitary_unknown_pct,
    case
        when {{ judged_flag('solitary') }} = 'ok' and rights.solitary_days >= {{ var('fewest_events') }}
            then {{ rounded('1000.0 * cast(rights.solitary_days as double) / rights.solitary_judged') }}
    end as solitary_per_1000,
    case
        when {{ judged_flag('solitary') }} <> 'ok' then {{ judged_flag('solitary') }}
        when rights.solitary_days < {{ var('fewest_events') }} then 'too_few_events'
        when rights.solitary_days < {{ var('reliable_events') }} then 'unreliable'
        else 'ok'
    end as solitary_flag,
    {{ share_of_days('outside_unknown', 'person_days') }} as outside_unknown_pct,
    case when {{ judged_flag('outside') }} = 'ok' then {{ share_of_days('outside_hour', 'outside_judged') }} end as outside_hour_pct,
    {{ judged_flag('outside') }} as outside_flag,
    case
        when rights.restraint_facilities > 0 then {{ rounded('cast(rights.restraint_seconds as double) / 3600', 1) }}
    end as restraint_hours,
    {{ share_of_days('lawyer_in_time', 'lawyer_judged') }} as lawyer_in_time_pct,
    case
        when rights.lawyer_judged = 0 then 'not_judged'
        when rights.lawyer_judged < {{ var('reliable_events') }} then 'unreliable'
        else 'ok'
    end as lawyer_flag,
    '' as withheld
from {{ ref('mart_rights') }} as rights
inner join {{ ref('int_tier_units') }} as units on rights.tier = units.tier and rights.unit = units.unit
where rights.facility_type = 'all' and rights.facility_days > 0
