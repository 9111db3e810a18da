{#-
    Alerts of a version on trial beside those in force in the same time. Two are the same where entity and verdict are,
    and their onsets lie no further apart than the longer of their holds, which is what lies between onset and raising.
-#}
with steps as (
    select
        *,
        lead(since) over (partition by facility, rule, rule_version order by number) as ended
    from {{ ref('stg_rule_status') }}
),

clocks as (
    select facility, max(clock) as clock
    from {{ ref('stg_ledger') }}
    group by facility
),

trials as (
    select
        steps.facility,
        steps.rule,
        steps.rule_version,
        steps.number,
        steps.since,
        coalesce(steps.ended, clocks.clock) as ended,
        steps.ended is null as is_running
    from steps
    inner join clocks on steps.facility = clocks.facility
    where steps.mode = 'shadow'
),

raised as (
    select distinct
        alert_id,
        rule,
        rule_version,
        mode,
        verdict,
        facility,
        coalesce(nullif({{ joined('subjects') }}, ''), zone) as entity,
        onset,
        raised_at
    from {{ ref('stg_alert') }}
    where step = 'raised'
),

during as (
    select trials.number, trials.rule_version as tried_version, raised.*
    from trials
    inner join raised on trials.facility = raised.facility and trials.rule = raised.rule
    where raised.raised_at >= trials.since and (raised.raised_at < trials.ended or trials.is_running)
),

on_trial as (select * from during where mode = 'shadow' and rule_version = tried_version),

in_force as (select * from during where mode = 'active'),

-- Not only of the trial's time: the version with the longer hold raises later, which may be after the trial's end.
pairs as (
    select distinct on_trial.facility, on_trial.alert_id as trial_alert, own.alert_id as own_alert
    from on_trial
    inner join raised as own on on_trial.facility = own.facility and on_trial.rule = own.rule
    where
        own.mode = 'active'
        and on_trial.verdict = own.verdict
        and on_trial.entity = own.entity
        and abs(on_trial.onset - own.onset)
        <= greatest(on_trial.raised_at - on_trial.onset, own.raised_at - own.onset, 1000)
),

trial_counts as (
    select
        on_trial.facility,
        on_trial.number,
        count(distinct on_trial.alert_id) as alerts_shadow,
        count(distinct pairs.trial_alert) as alerts_agreed
    from on_trial
    left join pairs on on_trial.facility = pairs.facility and on_trial.alert_id = pairs.trial_alert
    group by on_trial.facility, on_trial.number
),

force_counts as (
    select
        in_force.facility,
        in_force.number,
        count(distinct in_force.alert_id) - count(distinct pairs.own_alert) as alerts_only_active
    from in_force
    left join pairs on in_force.facility = pairs.facility and in_force.alert_id = pairs.own_alert
    group by in_force.facility, in_force.number
),

results as (
    select
        trials.facility,
        trials.rule,
        trials.rule_version,
        min(trials.since) as since,
        max(trials.ended) as ended,
        sum(trials.ended - trials.since) as on_trial_ms,
        max(case when trials.is_running then 1 else 0 end) = 1 as is_running,
        sum(coalesce(trial_counts.alerts_shadow, 0)) as alerts_shadow,
        sum(coalesce(trial_counts.alerts_agreed, 0)) as alerts_agreed,
        sum(coalesce(force_counts.alerts_only_active, 0)) as alerts_only_active
    from trials
    left join trial_counts on trials.facility = trial_counts.facility and trials.number = trial_counts.number
    left join force_counts on trials.facility = force_counts.facility and trials.number = force_counts.number
    group by trials.facility, trials.rule, trials.rule_version
)

select
    {{ unit_columns('units') }},
    results.rule,
    coalesce(titles.title_zh, results.rule) as rule_title_zh,
    coalesce(titles.title_en, results.rule) as rule_title_en,
    results.rule_version,
    results.is_running,
    {{ ms_to_timestamp('results.since') }} as trial_since,
    {{ ms_to_timestamp('results.ended') }} as trial_until,
    {{ rounded('greatest(results.on_trial_ms, 0) / 3600000e0', 2) }} as hours_on_trial,
    cast(results.alerts_shadow as bigint) as alerts_shadow,
    cast(results.alerts_agreed as bigint) as alerts_agreed,
    cast(results.alerts_shadow - results.alerts_agreed as bigint) as alerts_only_shadow,
    cast(results.alerts_only_active as bigint) as alerts_only_active,
    case
        when results.alerts_shadow > 0
            then {{ rounded(percent_of('results.alerts_agreed', 'results.alerts_shadow'), 1) }}
    end as agreed_pct
from results
inner join {{ ref('int_tier_units') }} as units on units.tier = 'facility' and results.facility = units.unit
left join {{ ref('rule_titles') }} as titles on results.rule = titles.rule
{# Scorecards are tried as well, but raise no alerts. #}
where results.rule like '___-__%'
