{#-
    Alerts of a version on trial beside those in force in the same time. Two are the same where entity and verdict are,
    and their onsets lie no further apart than the longer of their holds, which is what lies between onset and raising.
-#}
with steps as (
    select
        *,
        lead(since) over (partition by facility, rule, rule_version order by number) as until
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
        coalesce(steps.until, clocks.clock) as until,
        steps.until is null as is_running
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

on_trial as (
    select trials.number, raised.*
    from trials
    inner join raised
        on trials.facility = raised.facility and trials.rule = raised.rule and trials.rule_version = raised.rule_version
            and raised.mode = 'shadow' and raised.raised_at >= trials.since and (raised.raised_at < trials.until or trials.is_running)
),

in_force as (
    select trials.number, raised.*
    from trials
    inner join raised
        on trials.facility = raised.facility and trials.rule = raised.rule
            and raised.mode = 'active' and raised.raised_at >= trials.since and (raised.raised_at < trials.until or trials.is_running)
),

pairs as (
    select distinct on_trial.facility, on_trial.number, on_trial.alert_id as trial_alert, in_force.alert_id as own_alert
    from on_trial
    inner join in_force
        on on_trial.facility = in_force.facility and on_trial.number = in_force.number
            and on_trial.verdict = in_force.verdict and on_trial.entity = in_force.entity
            and abs(on_trial.onset - in_force.onset)
            <= greatest(on_trial.raised_at - on_trial.onset, in_force.raised_at - in_force.onset, 1000)
),

trial_counts as (
    select
        on_trial.facility,
        on_trial.number,
        count(distinct on_trial.alert_id) as alerts_shadow,
        count(distinct pairs.trial_alert) as alerts_agreed
    from on_trial
    left join pairs
        on on_trial.facility = pairs.facility and on_trial.number = pairs.number
            and on_trial.alert_id = pairs.trial_alert
    group by on_trial.facility, on_trial.number
),

force_counts as (
    select
        in_force.facility,
        in_force.number,
        count(distinct in_force.alert_id) - count(distinct pairs.own_alert) as alerts_only_active
    from in_force
    left join pairs
        on in_force.facility = pairs.facility and in_force.number = pairs.number
            and in_force.alert_id = pairs.own_alert
    group by in_force.facility, in_force.number
),

results as (
    select
        trials.facility,
        trials.rule,
        trials.rule_version,
        min(trials.since) as since,
        max(trials.until) as until,
        sum(trials.until - trials.since) as on_trial_ms,
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
    {{ ms_to_timestamp('results.until') }} as trial_until,
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
