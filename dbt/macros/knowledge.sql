{#- Bitemporal reading: which version of a register's row counts. -#}

{#- First moment after the knowledge date. -#}
{% macro knowledge_end() %}cast({{ add_days("cast('" ~ var('as_known_on') ~ "' as date)", 1) }} as timestamp){% endmacro %}

{#-
    The latest version of each key known on the knowledge date. Versions learnt at the same moment are put in the
    order of their content, so that the choice does not depend on the order of rows in the lake.

    only: a relation; keys that are not in it are left out.
-#}
{% macro latest_known(relation, key, columns, only=none) %}
select
    {{ (key + columns) | join(',\n    ') }},
    known_from
from (
    select
        {{ (key + columns) | join(',\n        ') }},
        known_from,
        row_number() over (
            partition by {{ key | join(', ') }}
            order by known_from desc, source desc, {% for column in columns %}{{ column }} desc nulls last{% if not loop.last %}, {% endif %}{% endfor %}
        ) as version_rank
    from {{ relation }}
    where
        known_from < {{ knowledge_end() }}
        {%- if only %}
        and {{ key[0] }} in (select {{ key[0] }} from {{ only }})
        {%- endif %}
) as versions
where version_rank = 1
{% endmacro %}
