{#- A setting of the publication profile that the build runs with (dbt_project.yml: publication_profiles). -#}
{% macro profile(setting) -%}
{%- set profiles = var('publication_profiles') -%}
{%- if var('publication_profile') not in profiles -%}
{{ exceptions.raise_compiler_error("no publication profile '" ~ var('publication_profile') ~ "'; there are " ~ (profiles | join(', '))) }}
{%- endif -%}
{{ return(profiles[var('publication_profile')][setting]) }}
{%- endmacro %}
