{#
    The days a facility operated within the covered days (first and last included), and those of them that its stays
    cover. A facility whose population news stopped more than max_silence_days before the end is not covered after
    its last news: its open stays would go on for ever.
#}
with windows as (
    select
        facilities.facility,
        facilities.capacity,
        greatest(
            coverage.data_from,
            case
                when facilities.opened is null then coalesce(starts.starts, coverage.data_from)
                when starts.first_news < facilities.opened then starts.starts
                else facilities.opened
            end
        ) as operating_from,
        least(coverage.data_until, coalesce({{ add_days('facilities.closed', -1) }}, coverage.data_until)) as operating_to,
        coverage.data_until,
        starts.population_from,
        least(starts.last_population_news, coverage.data_until) as last_population_news
    from {{ ref('int_facilities') }} as facilities
    cross join {{ ref('int_coverage') }} as coverage
    left join {{ ref('int_facility_starts') }} as starts on facilities.facility = starts.facility
    where facilities.in_registers and coverage.data_until is not null
),

with_stays as (select distinct facility from {{ ref('stg_stay') }})

select
    windows.facility,
    windows.capacity,
    windows.operating_from,
    windows.operating_to,
    case when with_stays.facility is not null then greatest(windows.operating_from, windows.population_from) end as stays_from,
    case
        when with_stays.facility is null then null
        when {{ days_between('windows.last_population_news', 'windows.data_until') }} > {{ var('max_silence_days') }} then windows.last_population_news
        else windows.operating_to
    end as stays_to
from windows
left join with_stays on windows.facility = with_stays.facility
where windows.operating_from <= windows.operating_to
