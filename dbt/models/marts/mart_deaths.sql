{# Deaths by unit and month, with the 12 months that end with it. #}
with events as (
    select * from {{ ref('int_deaths') }}
    where counted
),

{{ event_mart(
    measures={
        'deaths_total': "count(*)",
        'deaths_illness': "count(case when death_class = 'illness' then 1 end)",
        'deaths_unnatural': "count(case when death_class = 'unnatural' then 1 end)",
        'deaths_self_inflicted': "count(case when cause = 'self_inflicted' then 1 end)",
        'deaths_pending': "count(case when death_class = 'pending' then 1 end)",
        'deaths_unknown': "count(case when death_class = 'unknown' then 1 end)",
        'deaths_off_site': "count(case when off_site then 1 end)",
        'unnatural_low': "count(case when death_class = 'unnatural' then 1 end)",
        'unnatural_high': "count(case when death_class <> 'illness' then 1 end)",
    },
    rated=['deaths_total', 'deaths_unnatural', 'deaths_self_inflicted'],
    windows={
        'deaths_12m': 'deaths_total',
        'deaths_12m_in_rate': 'deaths_total_in_rate',
        'unnatural_low_12m': 'unnatural_low',
        'unnatural_high_12m': 'unnatural_high',
    },
) }}
