with rated as (
    {{ published_events(
        'mart_deaths',
        events='deaths',
        total='deaths_total',
        counts=['deaths_total', 'deaths_illness', 'deaths_unnatural', 'deaths_pending', 'deaths_unknown', 'deaths_off_site', 'unnatural_low', 'unnatural_high'],
        windows=['unnatural_low_12m', 'unnatural_high_12m'],
    ) }}
),

{{ funnel_limits('rated', 'deaths_12m_in_rate') }}

select
    rated.*,
    {{ funnel_columns('rated', 'deaths_12m_in_rate') }}
from rated
left join limited on rated.tier = limited.tier and rated.unit = limited.unit and rated.month = limited.month
