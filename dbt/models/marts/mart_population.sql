{#
    Population by unit, facility type and month, and over the 12 months that end with it. All sums are of person-days; no average is
    averaged. exposure / calendar days is the ADP (see int_facility_months).
#}
with facilities as (
    select
        *,
        coalesce(exposure is not null and capacity > 0, false) as has_occupancy,
        coalesce(100.0 * exposure > {{ var('implausible_occupancy_pct') }} * capacity * operating_days, false) as is_implausible
    from {{ ref('int_facility_months') }}
),

monthly as (
    select
        members.tier,
        members.unit,
        members.facility_type,
        facilities.month,
        max(facilities.calendar_days) as calendar_days,
        count(case when facilities.operating_days > 0 then 1 end) as facilities,
        count(case when facilities.known_days > 0 then 1 end) as facilities_known,
        sum(facilities.operating_days) as facility_days,
        sum(facilities.operating_days - facilities.known_days) as days_missing,
        sum(facilities.person_days) as person_days,
        sum(facilities.exposure) as exposure,
        sum(facilities.capacity) as capacity,
        sum(case when facilities.has_occupancy and not facilities.is_implausible then facilities.exposure end) as exposure_with_capacity,
        sum(case when facilities.has_occupancy and not facilities.is_implausible then facilities.capacity * facilities.operating_days end) as place_days,
        count(case when facilities.has_occupancy and facilities.is_implausible then 1 end) as facilities_implausible,
        sum(facilities.head_count_days) as head_count_days,
        sum(facilities.head_count_days_differing) as head_count_days_differing
    from facilities
    inner join {{ ref('int_unit_members') }} as members on facilities.facility = members.member
    group by members.tier, members.unit, members.facility_type, facilities.month
)

select
    *,
    exposure / calendar_days as adp,
    100.0 * exposure_with_capacity / place_days as occupancy_pct,
    sum(exposure) over {{ last_12_months('tier, unit, facility_type') }} / sum(calendar_days) over {{ last_12_months('tier, unit, facility_type') }} as adp_12m,
    count(*) over {{ last_12_months('tier, unit, facility_type') }} as months_12m
from monthly
