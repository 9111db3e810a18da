{#
    Solitary confinement, time outside, restraints and access to a lawyer by unit and month. Only months in which the
    facility operated: nobody can be held in a closed one, and the gate names such rows.
#}
with events as (
    select rights.*
    from {{ ref('int_rights') }} as rights
    inner join {{ ref('int_facility_months') }} as months
        on rights.facility = months.facility and rights.month = months.month
    where months.operating_days > 0
),

{{ event_mart(measures=rights_measures()) }}
