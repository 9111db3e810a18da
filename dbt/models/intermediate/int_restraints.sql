{#
    What became of each use of restraints, on the last covered day. Where the order does not say until when it is allowed,
    nobody can judge it. Hours are counted once their end is known.
#}
select
    uses.restraint_use,
    uses.facility,
    {{ month_of('uses.begun') }} as month,
    case
        when uses.allowed_until is null then 'no_end_stated'
        when coalesce(uses.ended, {{ end_of_day('coverage.data_until') }}) > uses.allowed_until then 'over_time'
        when uses.ended is null then 'running'
        else 'within_time'
    end as outcome,
    uses.ended is null as still_on,
    {{ seconds_between('uses.begun', 'uses.ended') }} as seconds_worn
from {{ ref('stg_restraint_use') }} as uses
cross join {{ ref('int_coverage') }} as coverage
