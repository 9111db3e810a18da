{#
    Deaths, and whether each counts. One in hospital or in transit does. One of a person who had escaped and was not back
    counts where the publication profile says so.
#}
with last_stays as (
    select
        deaths.death,
        stays.release_kind,
        stays.released,
        row_number() over (partition by deaths.death order by stays.admitted desc, stays.stay desc) as stay_rank
    from {{ ref('stg_death') }} as deaths
    inner join {{ ref('stg_stay') }} as stays on deaths.subject = stays.subject and deaths.died >= stays.admitted
)

select
    deaths.death,
    deaths.facility,
    deaths.died,
    deaths.year,
    {{ month_of('deaths.died') }} as month,
    deaths.place in ('hospital', 'transit') as off_site,
    case
        when deaths.death_class in ('self_inflicted', 'homicide', 'accident', 'other_unnatural') then 'unnatural'
        else deaths.death_class
    end as death_class,
    deaths.death_class as cause,
    {{ 'true' if profile('count_escaped') else "not coalesce(last_stays.release_kind = 'escaped' and last_stays.released <= deaths.died, false)" }} as counted
from {{ ref('stg_death') }} as deaths
left join last_stays on deaths.death = last_stays.death and last_stays.stay_rank = 1
