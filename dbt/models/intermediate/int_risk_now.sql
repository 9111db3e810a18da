{# The latest score of each person that had not expired at the facility's last moment with an event or a score. #}
with moments as (
    select facility, max(seen_at) as as_of
    from (
        select facility, scored_at as seen_at from {{ ref('stg_risk') }}
        union all
        select facility, raised_at from {{ ref('stg_alert') }}
    ) as seen
    group by facility
),

scores as (
    select
        facility,
        subject,
        level,
        expires,
        row_number() over (partition by facility, subject order by scored_at desc, risk_id desc) as score_rank
    from {{ ref('stg_risk') }}
)

select
    scores.facility,
    scores.subject,
    scores.level,
    {{ ms_to_timestamp('moments.as_of') }} as as_of
from scores
inner join moments on scores.facility = moments.facility
where scores.score_rank = 1 and scores.expires > moments.as_of
