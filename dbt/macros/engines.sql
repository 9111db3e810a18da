{#- The few words in which DuckDB and Spark differ. -#}

{#- Milliseconds since 1970 as a UTC timestamp. -#}
{% macro ms_to_timestamp(expression) %}{{ return(adapter.dispatch('ms_to_timestamp')(expression)) }}{% endmacro %}
{% macro default__ms_to_timestamp(expression) %}make_timestamp(({{ expression }}) * 1000){% endmacro %}
{% macro spark__ms_to_timestamp(expression) %}timestamp_millis({{ expression }}){% endmacro %}

{#- A date so many days later. -#}
{% macro add_days(day, days) %}{{ return(adapter.dispatch('add_days')(day, days)) }}{% endmacro %}
{% macro default__add_days(day, days) %}cast(({{ day }}) + to_days(cast({{ days }} as integer)) as date){% endmacro %}
{% macro spark__add_days(day, days) %}date_add({{ day }}, cast({{ days }} as int)){% endmacro %}

{#- A date so many months later. -#}
{% macro add_months(day, months) %}{{ return(adapter.dispatch('add_months')(day, months)) }}{% endmacro %}
{% macro default__add_months(day, months) %}cast(({{ day }}) + to_months(cast({{ months }} as integer)) as date){% endmacro %}
{% macro spark__add_months(day, months) %}add_months({{ day }}, cast({{ months }} as int)){% endmacro %}

{#- Days from one date to another (end-exclusive). -#}
{% macro days_between(first, last) %}{{ return(adapter.dispatch('days_between')(first, last)) }}{% endmacro %}
{% macro default__days_between(first, last) %}date_diff('day', {{ first }}, {{ last }}){% endmacro %}
{% macro spark__days_between(first, last) %}cast(datediff({{ last }}, {{ first }}) as bigint){% endmacro %}

{#- First day of the month of a date or timestamp. -#}
{% macro month_of(day) %}cast(date_trunc('month', {{ day }}) as date){% endmacro %}

{#- One row for every day from first to last, both included. -#}
{% macro each_day(first, last) %}{{ return(adapter.dispatch('each_day')(first, last)) }}{% endmacro %}
{% macro default__each_day(first, last) %}cast(unnest(generate_series({{ first }}, {{ last }}, interval 1 day)) as date){% endmacro %}
{% macro spark__each_day(first, last) %}explode(sequence({{ first }}, {{ last }}, interval 1 day)){% endmacro %}

{#- One row for every month start from first to last, both included. -#}
{% macro each_month(first, last) %}{{ return(adapter.dispatch('each_month')(first, last)) }}{% endmacro %}
{% macro default__each_month(first, last) %}cast(unnest(generate_series({{ first }}, {{ last }}, interval 1 month)) as date){% endmacro %}
{% macro spark__each_month(first, last) %}explode(sequence({{ first }}, {{ last }}, interval 1 month)){% endmacro %}

{#- Texts joined in a stated order. -#}
{% macro join_texts(text, separator, rank) %}{{ return(adapter.dispatch('join_texts')(text, separator, rank)) }}{% endmacro %}
{% macro default__join_texts(text, separator, rank) %}string_agg({{ text }}, '{{ separator }}' order by {{ rank }}){% endmacro %}
{% macro spark__join_texts(text, separator, rank) %}array_join(transform(array_sort(collect_list(struct({{ rank }} as rank, {{ text }} as text))), x -> x.text), '{{ separator }}'){% endmacro %}


{#- A timestamp so many hours later. -#}
{% macro add_hours(moment, hours) %}{{ return(adapter.dispatch('add_hours')(moment, hours)) }}{% endmacro %}
{% macro default__add_hours(moment, hours) %}({{ moment }}) + to_hours({{ hours }}){% endmacro %}
{% macro spark__add_hours(moment, hours) %}timestampadd(hour, {{ hours }}, {{ moment }}){% endmacro %}

{#- Seconds from one timestamp to another. -#}
{% macro seconds_between(first, last) %}{{ return(adapter.dispatch('seconds_between')(first, last)) }}{% endmacro %}
{% macro default__seconds_between(first, last) %}date_diff('second', {{ first }}, {{ last }}){% endmacro %}
{% macro spark__seconds_between(first, last) %}timestampdiff(second, {{ first }}, {{ last }}){% endmacro %}

{#- Day of the week: 1 Monday to 7 Sunday. -#}
{% macro weekday_of(moment) %}{{ return(adapter.dispatch('weekday_of')(moment)) }}{% endmacro %}
{% macro default__weekday_of(moment) %}isodow({{ moment }}){% endmacro %}
{% macro spark__weekday_of(moment) %}weekday({{ moment }}) + 1{% endmacro %}

{#- A whole number under 100 as text of two digits, which sorts as the number does. -#}
{% macro two_digits(number) %}lpad(cast({{ number }} as string), 2, '0'){% endmacro %}
