{#
    What a facility reported in the last 12 published months, and what speaks of events that it does not report itself:
    alerts of the year up to the last live event, and serious findings of inspectors.
#}
with last_month as (select last_month as month from {{ ref('int_coverage') }}),

months as (
    select months.month, months.month_end, months.calendar_days
    from {{ ref('int_months') }} as months
    inner join last_month on months.month > {{ add_months('last_month.month', -12) }}
),

exposure as (
    select
        facilities.facility,
        sum(facilities.exposure) as person_days,
        sum(months.calendar_days) as calendar_days
    from {{ ref('int_facility_months') }} as facilities
    inner join months on facilities.month = months.month
    where facilities.exposure is not null
    group by facilities.facility
),

incidents as (
    select incidents.facility, count(*) as reported
    from {{ ref('stg_incident') }} as incidents
    inner join months on cast(incidents.happened as date) between months.month and months.month_end
    group by incidents.facility
),

deaths as (
    select deaths.facility, count(*) as reported
    from {{ ref('int_deaths') }} as deaths
    inner join months on deaths.month = months.month
    where deaths.counted
    group by deaths.facility
),

findings as (
    select findings.facility, count(*) as findings_serious
    from {{ ref('stg_finding') }} as findings
    inner join months on findings.found between months.month and months.month_end
    where findings.severity in ('serious', 'major')
    group by findings.facility
),

live_year as (select max(clock) - 31536000000 as begins from {{ ref('stg_ledger') }}),

live as (
    select ledger.facility, count(distinct cast({{ ms_to_timestamp('ledger.clock') }} as date)) as live_days
    from {{ ref('stg_ledger') }} as ledger
    inner join live_year on ledger.clock > live_year.begins
    group by ledger.facility
),

alerts as (
    select
        alerts.facility,
        count(case when alerts.rule not like 'hlt-%' and alerts.severity in ('major', 'critical') then 1 end) as alerts,
        count(case when alerts.rule like 'hlt-%' then 1 end) as medical_alerts
    from {{ ref('int_alerts') }} as alerts
    inner join live_year on alerts.raised_at > {{ ms_to_timestamp('live_year.begins') }}
    where alerts.mode = 'active' and alerts.verdict = 'violation'
    group by alerts.facility
)

select
    exposure.facility,
    last_month.month,
    exposure.person_days,
    exposure.person_days / exposure.calendar_days * coalesce(live.live_days, 0) as live_person_days,
    coalesce(incidents.reported, 0) as incidents,
    coalesce(deaths.reported, 0) as deaths,
    coalesce(alerts.alerts, 0) as alerts,
    coalesce(alerts.medical_alerts, 0) as medical_alerts,
    coalesce(findings.findings_serious, 0) as findings_serious,
    coalesce(live.live_days, 0) as live_days
from exposure
cross join last_month
left join incidents on exposure.facility = incidents.facility
left join deaths on exposure.facility = deaths.facility
left join findings on exposure.facility = findings.facility
left join live on exposure.facility = live.facility
left join alerts on exposure.facility = alerts.facility
where exposure.person_days > 0
