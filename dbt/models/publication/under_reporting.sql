{# batch_jobs/underreporting fills in what is expected, after the models are built and before the gate. #}
with measures as (
    select *, 'incidents' as measure, incidents as reported from {{ ref('mart_reporting_evidence') }}
    union all
    select *, 'deaths' as measure, deaths as reported from {{ ref('mart_reporting_evidence') }}
)

select
    {{ unit_columns('units') }},
    measures.month,
    measures.measure,
    measures.reported,
    cast(null as double) as expected,
    cast(null as bigint) as expected_low,
    cast(null as bigint) as expected_high,
    cast(null as double) as chance,
    'too_few_peers' as flag,
    {{ rounded('measures.person_days') }} as person_days,
    {{ rounded('measures.live_person_days') }} as live_person_days,
    measures.alerts,
    measures.medical_alerts,
    measures.findings_serious,
    measures.live_days
from measures
inner join {{ ref('int_tier_units') }} as units on units.tier = 'facility' and measures.facility = units.unit
