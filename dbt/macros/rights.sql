{#- The day's end as a timestamp: what is open is judged as of then. -#}
{% macro end_of_day(day) %}cast({{ add_days(day, 1) }} as timestamp){% endmacro %}

{#- Person-days in custody by what is known of them (int_custody_months). -#}
{% macro custody_measures() -%}
{{ return([
    'person_days', 'solitary_judged', 'solitary_days', 'solitary_unknown', 'solitary_over_15_days', 'outside_judged',
    'outside_hour', 'outside_short', 'outside_unknown', 'days_unknown',
]) }}
{%- endmacro %}

{#- Sum of some of int_rights' counts. -#}
{% macro rights_sum(names) -%}
{{ return("coalesce(sum(case when what in ('" ~ names | join("', '") ~ "') then number end), 0)") }}
{%- endmacro %}

{#- Columns of mart_rights, each with its aggregate over int_rights. -#}
{% macro rights_measures() -%}
{%- set found = {} -%}
{%- for column in custody_measures() %}{% do found.update({column: rights_sum([column])}) %}{% endfor -%}
{%- set restraints = {'within_time': ['within_time'], 'over_time': ['over_time'], 'running': ['running'],
    'no_end_stated': ['no_end_stated'], 'still_on': ['still_on'],
    'begun': ['within_time', 'over_time', 'running', 'no_end_stated']} -%}
{%- for column, parts in restraints.items() -%}
{%- set names = [] -%}
{%- for part in parts %}{% do names.append('restraint_' ~ part) %}{% endfor -%}
{%- do found.update({'restraints_' ~ column: rights_sum(names)}) -%}
{%- endfor -%}
{%- for column in ['restraint_facilities', 'restraint_seconds', 'lawyer_facilities'] -%}
{%- do found.update({column: rights_sum([column])}) -%}
{%- endfor -%}
{%- set lawyers = {'in_time': ['in_time'], 'late': ['late'], 'not_met': ['not_met'], 'not_due': ['not_due'],
    'lapsed': ['lapsed'], 'judged': ['in_time', 'late', 'not_met'],
    'requests': ['in_time', 'late', 'not_met', 'not_due', 'lapsed']} -%}
{%- for column, parts in lawyers.items() -%}
{%- set names = [] -%}
{%- for part in parts %}{% do names.append('lawyer_' ~ part) %}{% endfor -%}
{%- do found.update({'lawyer_' ~ column: rights_sum(names)}) -%}
{%- endfor -%}
{{ return(found) }}
{%- endmacro %}

{#- 100 x part / whole of mart_rights, null without a whole. -#}
{% macro share_of_days(part, whole) -%}
case when rights.{{ whole }} > 0 then {{ rounded(percent_of('rights.' ~ part, 'rights.' ~ whole)) }} end
{%- endmacro %}

{#- Whether person-days are judged enough to speak of all: where most are not, the rest is not the unit's figure. -#}
{% macro judged_flag(about) -%}
case
    when rights.{{ about }}_judged = 0 then 'not_judged'
    when rights.{{ about }}_unknown > rights.{{ about }}_judged then 'mostly_unknown'
    else 'ok'
end
{%- endmacro %}
