{# Drills by the month planned, complaints by the month received, medical duties by the month due. #}
with events as (
    select
        facility,
        {{ month_of('planned') }} as month,
        'drill' as what,
        case when held is null then 'missed' else result end as outcome
    from {{ ref('stg_drill') }}
    union all
    select
        facility,
        {{ month_of('received') }},
        case when about_staff then 'staff_complaint' else 'complaint' end,
        case
            when answered <= due then 'on_time'
            when answered is not null then 'late'
            else 'open'
        end
    from {{ ref('stg_complaint_record') }}
    union all
    select
        facility,
        {{ month_of('due') }},
        'medical',
        case
            when refused then 'met'
            when done <= due + {{ var('medical_tolerance_minutes') }} * interval '1' minute then 'met'
            when done is not null then 'late'
            else 'missed'
        end
    from {{ ref('stg_medical_duty') }}
),

{{ event_mart(measures={
    'drills_planned': "count(case when what = 'drill' then 1 end)",
    'drills_held': "count(case when what = 'drill' and outcome in ('passed', 'failed') then 1 end)",
    'drills_passed': "count(case when what = 'drill' and outcome = 'passed' then 1 end)",
    'complaints_received': "count(case when what in ('complaint', 'staff_complaint') then 1 end)",
    'complaints_about_staff': "count(case when what = 'staff_complaint' then 1 end)",
    'complaints_answered_on_time': "count(case when what in ('complaint', 'staff_complaint') and outcome = 'on_time' then 1 end)",
    'medical_duties_due': "count(case when what = 'medical' then 1 end)",
    'medical_duties_met': "count(case when what = 'medical' and outcome = 'met' then 1 end)",
    'medical_duties_late': "count(case when what = 'medical' and outcome = 'late' then 1 end)",
    'medical_duties_missed': "count(case when what = 'medical' and outcome = 'missed' then 1 end)",
}, rated=['complaints_received']) }}
