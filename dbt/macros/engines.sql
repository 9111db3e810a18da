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

{#- 100 x part / whole as a double: Spark would divide whole numbers as decimals of a few digits. -#}
{% macro percent_of(part, whole) %}100.0 * cast({{ part }} as double) / {{ whole }}{% endmacro %}

{#- Rounded half up. The engines' own round() differ where a double lies beside a tie (57 / 800 to four digits). -#}
{% macro rounded(number, digits=4) %}cast(floor(({{ number }}) * {{ 10 ** digits }} + 0.5) as double) / {{ 10 ** digits }}{% endmacro %}

{#-
    A double as a whole multiple of 2^-20. Sums of such numbers are exact up to 2^33, so that they are the same in
    whichever order an engine adds them up.
-#}
{% macro summable(number) %}floor(({{ number }}) * 1048576 + 0.5) / 1048576{% endmacro %}

{#- Texts joined in a stated order. -#}
{% macro join_texts(text, separator, rank) %}{{ return(adapter.dispatch('join_texts')(text, separator, rank)) }}{% endmacro %}
{% macro default__join_texts(text, separator, rank) %}string_agg({{ text }}, '{{ separator }}' order by {{ rank }}){% endmacro %}
{% macro spark__join_texts(text, separator, rank) %}array_join(transform(array_sort(collect_list(struct({{ rank }} as rank, {{ text }} as text))), x -> x.text), '{{ separator }}'){% endmacro %}

{#- A list of texts as one text. -#}
{% macro joined(texts) %}{{ return(adapter.dispatch('joined')(texts)) }}{% endmacro %}
{% macro default__joined(texts) %}array_to_string({{ texts }}, '|'){% endmacro %}
{% macro spark__joined(texts) %}array_join({{ texts }}, '|'){% endmacro %}

{#- A timestamp so many hours later. -#}
{% macro add_hours(moment, hours) %}{{ return(adapter.dispatch('add_hours')(moment, hours)) }}{% endmacro %}
{% macro default__add_hours(moment, hours) %}({{ moment }}) + to_hours({{ hours }}){% endmacro %}
{% macro spark__add_hours(moment, hours) %}timestampadd(hour, {{ hours }}, {{ moment }}){% endmacro %}

{#- Seconds from one timestamp to another. -#}
{% macro seconds_between(first, last) %}{{ return(adapter.dispatch('seconds_between')(first, last)) }}{% endmacro %}
{% macro default__seconds_between(first, last) %}date_sub('second', {{ first }}, {{ last }}){% endmacro %}
{% macro spark__seconds_between(first, last) %}timestampdiff(second, {{ first }}, {{ last }}){% endmacro %}

{#- Day of the week: 1 Monday to 7 Sunday. -#}
{% macro weekday_of(moment) %}{{ return(adapter.dispatch('weekday_of')(moment)) }}{% endmacro %}
{% macro default__weekday_of(moment) %}isodow({{ moment }}){% endmacro %}
{% macro spark__weekday_of(moment) %}weekday({{ moment }}) + 1{% endmacro %}

{#- A whole number under 100 as text of two digits, which sorts as the number does. -#}
{% macro two_digits(number) %}lpad(cast({{ number }} as string), 2, '0'){% endmacro %}

{#- A register's rows that came since the build before (batch_jobs/marts/sources.py). -#}
{% macro new_rows(register) %}{{ return(adapter.dispatch('new_rows')(register)) }}{% endmacro %}
{% macro default__new_rows(register) %}{{ return('new_rows.' ~ register) }}{% endmacro %}
{% macro spark__new_rows(register) %}{{ return('new_rows_' ~ register) }}{% endmacro %}

{#- How an incremental model puts rows in the place of those with the same key. -#}
{% macro keyed_strategy() %}{{ return('merge' if target.type == 'spark' else 'delete+insert') }}{% endmacro %}

{#-
    Rows of a seed as literals. dbt-spark's own macro puts texts between quotes as they are, so that an apostrophe ends
    the text and a missing value becomes the word None.
-#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set sql -%}
        insert into {{ this.render() }} values
        {% for row in agate_table.rows -%}
            ({% for name in agate_table.column_names -%}
                {%- set value = row[name] -%}
                cast({% if value is none %}null{% else %}'{{ value | string | replace('\\', '\\\\') | replace("'", "\\'") }}'{% endif %} as {{ types.get(name, 'string') }}){{ ', ' if not loop.last }}
            {%- endfor %}){{ ',\n' if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}
