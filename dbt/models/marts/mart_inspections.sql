{# Inspections in the month they were scheduled for, findings in the month they were found. #}
with events as (
    select
        facility,
        {{ month_of('scheduled') }} as month,
        kind,
        performed is not null as performed,
        required_minutes,
        reviewed_minutes,
        cast(null as string) as severity
    from {{ ref('stg_inspection') }}
    union all
    select
        facility,
        {{ month_of('found') }},
        'finding',
        true,
        0,
        0,
        severity
    from {{ ref('stg_finding') }}
),

{{ event_mart(measures={
    'video_scheduled': "count(case when kind = 'video' then 1 end)",
    'video_performed': "count(case when kind = 'video' and performed then 1 end)",
    'video_missed': "count(case when kind = 'video' and not performed then 1 end)",
    'required_minutes': "sum(case when kind = 'video' then required_minutes else 0 end)",
    'reviewed_minutes': "sum(case when kind = 'video' then reviewed_minutes else 0 end)",
    'other_performed': "count(case when kind in ('on_site', 'double_random') and performed then 1 end)",
    'findings': "count(case when kind = 'finding' then 1 end)",
    'findings_serious': "count(case when kind = 'finding' and severity in ('serious', 'major') then 1 end)",
}) }}
