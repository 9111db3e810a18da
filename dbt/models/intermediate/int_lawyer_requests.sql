{#
    What became of each request to see a lawyer, on the last covered day. A request that falls away after its time has
    run out was not met; before, nobody broke anything.
#}
with requests as (
    select
        *,
        {{ add_hours('waits_from', var('lawyer_hours')) }} as due
    from {{ ref('stg_lawyer_request') }}
)

select
    requests.request,
    requests.facility,
    {{ month_of('requests.waits_from') }} as month,
    case
        when requests.met <= requests.due then 'in_time'
        when requests.met is not null then 'late'
        when coalesce(requests.lapsed, {{ end_of_day('coverage.data_until') }}) > requests.due then 'not_met'
        when requests.lapsed is not null then 'lapsed'
        else 'not_due'
    end as outcome
from requests
cross join {{ ref('int_coverage') }} as coverage
