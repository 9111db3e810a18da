{#
    What became of a facility's records in the stream, by unit and the month of the facility's own clock. Late records are
    accepted, too: they wait for the recomputation of their day.
#}
with events as (
    select
        facility,
        {{ month_of(ms_to_timestamp('clock')) }} as month,
        records,
        accepted,
        late,
        quarantined
    from {{ ref('stg_ledger') }}
    where {{ ms_to_timestamp('clock') }} < {{ knowledge_end() }}
),

{{ event_mart(measures={
    'records_received': "sum(records)",
    'records_accepted': "sum(accepted)",
    'records_late': "sum(late)",
    'records_quarantined': "sum(quarantined)",
}) }}
