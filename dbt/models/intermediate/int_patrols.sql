{#
    What became of each planned visit. Where nothing could see the point, nobody knows: `unobservable` is a verdict of its
    own, and never a visit that was made.
#}
select
    visit,
    facility,
    {{ month_of('scheduled') }} as month,
    case
        when visited <= scheduled + tolerance_minutes * interval '1' minute then 'on_time'
        when visited is not null then 'late'
        when observable then 'missed'
        else 'unobservable'
    end as outcome
from {{ ref('stg_patrol_visit') }}
