{# Admissions, releases and days on leave by unit and month; a leave is of the month in which the person left. #}
with events as (
    select
        facility,
        {{ month_of('admitted') }} as month,
        'admission' as what,
        0 as days
    from {{ ref('stg_stay') }}
    union all
    select
        facility,
        {{ month_of('released') }},
        case when release_kind = 'transferred' then 'transfer' else 'release' end,
        0
    from {{ ref('stg_stay') }}
    where released is not null
    union all
    select
        facility,
        {{ month_of('left_on') }},
        'leave',
        {{ days_between('left_on', 'coalesce(returned_on, left_on)') }}
    from {{ ref('stg_temporary_leave') }}
),

{{ event_mart(measures={
    'admissions': "count(case when what = 'admission' then 1 end)",
    'releases': "count(case when what = 'release' then 1 end)",
    'transfers_out': "count(case when what = 'transfer' then 1 end)",
    'leaves': "count(case when what = 'leave' then 1 end)",
    'leave_days': "sum(days)",
}) }}
