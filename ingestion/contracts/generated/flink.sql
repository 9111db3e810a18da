-- Generated from ingestion/contracts by `safehold contracts generate`; change the models, not this file.

-- Bronze: a record exactly as it was received, whatever it holds.
CREATE TABLE IF NOT EXISTS `bronze`.`received` (
  `topic_partition` BIGINT NOT NULL,
  `topic_offset` BIGINT NOT NULL,
  `received_at` BIGINT NOT NULL,
  `source` STRING NOT NULL,
  `record_key` BYTES,
  `payload` BYTES
);

-- Bronze: what one run of the landing did with what a source offered it.
CREATE TABLE IF NOT EXISTS `bronze`.`landing` (
  `source` STRING NOT NULL,
  `run` STRING NOT NULL,
  `part` BIGINT NOT NULL,
  `at` BIGINT NOT NULL,
  `offered` BIGINT NOT NULL,
  `landed` BIGINT NOT NULL,
  `quarantined` BIGINT NOT NULL
);

-- Silver: what became of one facility's records, per source, in one micro-batch of the fold.
CREATE TABLE IF NOT EXISTS `silver`.`ledger` (
  `facility` STRING NOT NULL,
  `source` STRING NOT NULL,
  `topic_partition` BIGINT NOT NULL,
  `offset_from` BIGINT NOT NULL,
  `offset_to` BIGINT NOT NULL,
  `records` BIGINT NOT NULL,
  `accepted` BIGINT NOT NULL,
  `late` BIGINT NOT NULL,
  `quarantined` BIGINT NOT NULL,
  `observations` BIGINT NOT NULL,
  `clock` BIGINT NOT NULL
);

-- Silver: a record that could not be used, with its bytes, the reason and where it came from.
CREATE TABLE IF NOT EXISTS `silver`.`quarantine` (
  `quarantine_id` STRING NOT NULL,
  `stage` STRING NOT NULL,
  `source` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `reason` STRING NOT NULL,
  `detail` STRING NOT NULL,
  `landed` BOOLEAN NOT NULL,
  `received_at` BIGINT NOT NULL,
  `topic_partition` BIGINT,
  `topic_offset` BIGINT,
  `raw` BYTES NOT NULL,
  `raw_size` BIGINT NOT NULL,
  `raw_digest` STRING NOT NULL,
  `blob` STRING NOT NULL
);

-- Silver: a step in the life of an alert. Rows of one alert share its id; the latest step wins.
CREATE TABLE IF NOT EXISTS `silver`.`alert` (
  `alert_id` STRING NOT NULL,
  `rule` STRING NOT NULL,
  `rule_version` BIGINT NOT NULL,
  `mode` STRING NOT NULL,
  `verdict` STRING NOT NULL,
  `step` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `zone` STRING NOT NULL,
  `subjects` ARRAY<STRING> NOT NULL,
  `severity` STRING NOT NULL,
  `onset` BIGINT NOT NULL,
  `raised_at` BIGINT NOT NULL,
  `cleared` BIGINT,
  `accountable` STRING NOT NULL,
  `explanation` STRING NOT NULL
);

-- Silver: an alert as the batch recomputation finds it, late records included, beside what the stream raised.
CREATE TABLE IF NOT EXISTS `silver`.`alert_recomputed` (
  `run` STRING NOT NULL,
  `standing` STRING NOT NULL,
  `alert_id` STRING NOT NULL,
  `rule` STRING NOT NULL,
  `rule_version` BIGINT NOT NULL,
  `mode` STRING NOT NULL,
  `verdict` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `zone` STRING NOT NULL,
  `subjects` ARRAY<STRING> NOT NULL,
  `severity` STRING NOT NULL,
  `onset` BIGINT NOT NULL,
  `raised_at` BIGINT NOT NULL,
  `cleared` BIGINT
);

-- Silver: the risk of a person or a facility at a moment; advice that expires, with every contribution.
CREATE TABLE IF NOT EXISTS `silver`.`risk` (
  `risk_id` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `grain` STRING NOT NULL,
  `subject` STRING NOT NULL,
  `at` BIGINT NOT NULL,
  `expires` BIGINT NOT NULL,
  `score` DOUBLE NOT NULL,
  `level` STRING NOT NULL,
  `scorecard` STRING NOT NULL,
  `mode` STRING NOT NULL,
  `contributions` STRING NOT NULL,
  `unknown` ARRAY<STRING> NOT NULL,
  `changed_zh` STRING NOT NULL,
  `changed_en` STRING NOT NULL
);

-- Silver: the custody code of a stay from a moment on.
CREATE TABLE IF NOT EXISTS `silver`.`custody_code` (
  `code_id` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `stay` STRING NOT NULL,
  `subject` STRING NOT NULL,
  `edition` BIGINT NOT NULL,
  `number` BIGINT NOT NULL,
  `at` BIGINT NOT NULL,
  `known_from` BIGINT NOT NULL,
  `level` STRING NOT NULL,
  `proposed` STRING NOT NULL,
  `points` DOUBLE NOT NULL,
  `review_due` BIGINT NOT NULL,
  `expires` BIGINT NOT NULL,
  `overdue` BOOLEAN NOT NULL,
  `act` STRING NOT NULL,
  `by` STRING NOT NULL,
  `ground` STRING NOT NULL,
  `rules` STRING NOT NULL,
  `entries` STRING NOT NULL
);

-- Silver: a version of a rule came into force at a facility, or no longer is, or cannot be used.
CREATE TABLE IF NOT EXISTS `silver`.`rule_status` (
  `facility` STRING NOT NULL,
  `number` BIGINT NOT NULL,
  `rule` STRING NOT NULL,
  `rule_version` BIGINT NOT NULL,
  `mode` STRING NOT NULL,
  `since` BIGINT NOT NULL,
  `catalogue` STRING NOT NULL,
  `change` STRING NOT NULL,
  `detail` STRING NOT NULL,
  `definition` STRING NOT NULL
);

-- Silver: all features of a facility in one second, for trying rules on history.
CREATE TABLE IF NOT EXISTS `silver`.`features` (
  `facility` STRING NOT NULL,
  `at` BIGINT NOT NULL,
  `minute` BIGINT NOT NULL,
  `day` DATE NOT NULL,
  `profile` STRING NOT NULL,
  `grids` BYTES NOT NULL
);

-- Audit: who changed what, and why. Written before the change is made.
CREATE TABLE IF NOT EXISTS `audit`.`log` (
  `audit_id` STRING NOT NULL,
  `at` BIGINT NOT NULL,
  `who` STRING NOT NULL,
  `what` STRING NOT NULL,
  `target` STRING NOT NULL,
  `why` STRING NOT NULL,
  `before` STRING NOT NULL,
  `after` STRING NOT NULL,
  `number` BIGINT NOT NULL,
  `previous` STRING NOT NULL,
  `digest` STRING NOT NULL
);

-- Audit: how many rows of a day were let go, so that counts of what is left still add up. Written before that.
CREATE TABLE IF NOT EXISTS `audit`.`retired` (
  `at` BIGINT NOT NULL,
  `lake_table` STRING NOT NULL,
  `day` DATE NOT NULL,
  `source` STRING NOT NULL,
  `kind` STRING NOT NULL,
  `topic_partition` BIGINT NOT NULL,
  `offset_to` BIGINT NOT NULL,
  `row_count` BIGINT NOT NULL
);

-- Silver: how large a table of the lake was at a moment, by the metadata of its current snapshot.
CREATE TABLE IF NOT EXISTS `silver`.`lake_table` (
  `at` BIGINT NOT NULL,
  `lake_table` STRING NOT NULL,
  `row_count` BIGINT NOT NULL,
  `data_files` BIGINT NOT NULL,
  `delete_files` BIGINT NOT NULL,
  `file_bytes` BIGINT NOT NULL,
  `snapshots` BIGINT NOT NULL,
  `newest_snapshot_at` BIGINT
);

-- Silver: how the stream job was at a moment, by Flink's REST interface, the topic and the ledger.
CREATE TABLE IF NOT EXISTS `silver`.`job_health` (
  `at` BIGINT NOT NULL,
  `state` STRING NOT NULL,
  `fault` STRING NOT NULL,
  `restarts` BIGINT,
  `uptime_ms` BIGINT,
  `checkpoint_at` BIGINT,
  `checkpoint_ms` BIGINT,
  `checkpoint_bytes` BIGINT,
  `checkpoints_completed` BIGINT,
  `checkpoints_failed` BIGINT,
  `records_per_s` DOUBLE,
  `busy_pct` DOUBLE,
  `back_pressured_pct` DOUBLE,
  `records_posted` BIGINT,
  `records_behind` BIGINT
);

-- Silver: how far a facility's event-time clock, as it is in the lake, was behind what has been received of it.
CREATE TABLE IF NOT EXISTS `silver`.`facility_clock` (
  `at` BIGINT NOT NULL,
  `facility` STRING NOT NULL,
  `clock` BIGINT NOT NULL,
  `newest_event` BIGINT,
  `received_at` BIGINT
);

-- Silver: what a rule cost the kernel on a facility's recorded seconds: compiled alone, less the kernel alone.
CREATE TABLE IF NOT EXISTS `silver`.`rule_cost` (
  `at` BIGINT NOT NULL,
  `facility` STRING NOT NULL,
  `day` DATE NOT NULL,
  `seconds` BIGINT NOT NULL,
  `rule` STRING NOT NULL,
  `rule_version` BIGINT NOT NULL,
  `mode` STRING NOT NULL,
  `cost_us` DOUBLE NOT NULL,
  `none_us` DOUBLE NOT NULL,
  `together_us` DOUBLE NOT NULL
);

-- An administrative unit of the three tiers: nation (ministry), province, city.
CREATE TABLE IF NOT EXISTS `register`.`admin_unit` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `unit` STRING NOT NULL,
  `tier` STRING NOT NULL,
  `parent` STRING,
  `name_en` STRING NOT NULL,
  `name_zh` STRING NOT NULL
);

-- A facility (所) of a city.
CREATE TABLE IF NOT EXISTS `register`.`facility` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `unit` STRING NOT NULL,
  `name_en` STRING NOT NULL,
  `name_zh` STRING NOT NULL,
  `facility_type` STRING NOT NULL,
  `capacity` BIGINT,
  `opened` DATE,
  `closed` DATE
);

-- A stay of a person in a facility; end-exclusive days.
CREATE TABLE IF NOT EXISTS `register`.`stay` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `stay` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `subject` STRING NOT NULL,
  `admitted` DATE NOT NULL,
  `released` DATE,
  `release_kind` STRING NOT NULL,
  `sex` STRING NOT NULL,
  `age_band` STRING NOT NULL
);

-- A time out of the facility within a stay: hospital, court, transport. The person stays in custody and counts.
CREATE TABLE IF NOT EXISTS `register`.`temporary_leave` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `leave` STRING NOT NULL,
  `stay` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `reason` STRING NOT NULL,
  `left_on` DATE NOT NULL,
  `returned_on` DATE
);

-- A head count of a place on a day, where stays are not known or to check them.
CREATE TABLE IF NOT EXISTS `register`.`population_count` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `place` STRING NOT NULL,
  `place_kind` STRING NOT NULL,
  `day` DATE NOT NULL,
  `population_group` STRING NOT NULL,
  `population` BIGINT NOT NULL
);

-- A death in custody; its class may be pending and be corrected by a later row.
CREATE TABLE IF NOT EXISTS `register`.`death` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `death` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `subject` STRING,
  `died` DATE,
  `year` BIGINT NOT NULL,
  `place` STRING NOT NULL,
  `death_class` STRING NOT NULL,
  `sex` STRING NOT NULL,
  `withdrawn` BOOLEAN NOT NULL
);

-- An accident or incident; persons involved are counted by role.
CREATE TABLE IF NOT EXISTS `register`.`incident` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `incident` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `happened` TIMESTAMP_LTZ(6) NOT NULL,
  `family` STRING NOT NULL,
  `incident_type` STRING NOT NULL,
  `severity` STRING NOT NULL,
  `detainees_involved` BIGINT NOT NULL,
  `staff_involved` BIGINT NOT NULL,
  `withdrawn` BOOLEAN NOT NULL
);

-- A person involved in an incident, by role; nobody is named, and a detainee is a pseudonym or not told at all.
CREATE TABLE IF NOT EXISTS `register`.`incident_person` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `involvement` STRING NOT NULL,
  `incident` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `person_group` STRING NOT NULL,
  `role` STRING NOT NULL,
  `injury` STRING NOT NULL,
  `subject` STRING
);

-- A count that somebody reports for a place: cumulative to a day, or for a period.
CREATE TABLE IF NOT EXISTS `register`.`reported_count` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `place` STRING NOT NULL,
  `place_kind` STRING NOT NULL,
  `measure` STRING NOT NULL,
  `population_group` STRING NOT NULL,
  `day` DATE NOT NULL,
  `period_from` DATE,
  `cumulative` BOOLEAN NOT NULL,
  `value` BIGINT NOT NULL
);

-- An inspection of a facility; video inspections are dispatched over the tiers.
CREATE TABLE IF NOT EXISTS `register`.`inspection` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `inspection` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `kind` STRING NOT NULL,
  `dispatched_by` STRING NOT NULL,
  `scheduled` DATE NOT NULL,
  `performed` DATE,
  `required_minutes` BIGINT NOT NULL,
  `reviewed_minutes` BIGINT NOT NULL,
  `outcome` STRING NOT NULL
);

-- A weakness that an inspection found.
CREATE TABLE IF NOT EXISTS `register`.`finding` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `finding` STRING NOT NULL,
  `inspection` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `category` STRING NOT NULL,
  `severity` STRING NOT NULL,
  `found` DATE NOT NULL
);

-- An order to put a weakness right (整改), listed (挂牌) or not.
CREATE TABLE IF NOT EXISTS `register`.`rectification_order` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `rectification` STRING NOT NULL,
  `finding` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `category` STRING NOT NULL,
  `listed` BOOLEAN NOT NULL,
  `ordered` DATE NOT NULL,
  `due` DATE NOT NULL,
  `extended_to` DATE,
  `closed` DATE
);

-- A look at whether a weakness was put right; an order is closed by one that accepts.
CREATE TABLE IF NOT EXISTS `register`.`reinspection` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `reinspection` STRING NOT NULL,
  `rectification` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `performed` DATE NOT NULL,
  `result` STRING NOT NULL
);

-- An officer who inspects for a unit of one of the three tiers.
CREATE TABLE IF NOT EXISTS `register`.`inspector` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `inspector` STRING NOT NULL,
  `unit` STRING NOT NULL,
  `weekly_most` BIGINT NOT NULL,
  `left` DATE
);

-- A facility that an inspector may not inspect (回避).
CREATE TABLE IF NOT EXISTS `register`.`inspector_conflict` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `inspector` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `ground` STRING NOT NULL,
  `until` DATE
);

-- Which inspector an inspection is given to, and why this facility was chosen (派单).
CREATE TABLE IF NOT EXISTS `register`.`inspection_assignment` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `inspection` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `inspector` STRING NOT NULL,
  `plan` STRING NOT NULL,
  `basis` STRING NOT NULL,
  `weight` BIGINT NOT NULL,
  `reason_zh` STRING NOT NULL,
  `reason_en` STRING NOT NULL,
  `dispatched` DATE
);

-- A reference to what a finding rests on; the thing itself stays where it is kept.
CREATE TABLE IF NOT EXISTS `register`.`finding_evidence` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `finding` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `kind` STRING NOT NULL,
  `reference` STRING NOT NULL
);

-- A line of a unit's 24-hour duty log (值班日志): classes and references, no text.
CREATE TABLE IF NOT EXISTS `register`.`duty_log` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `entry` STRING NOT NULL,
  `unit` STRING NOT NULL,
  `at` TIMESTAMP_LTZ(6) NOT NULL,
  `officer` STRING NOT NULL,
  `kind` STRING NOT NULL,
  `facility` STRING,
  `reference` STRING
);

-- A visit that the patrol plan asks for at a point, and whether it was seen to happen.
CREATE TABLE IF NOT EXISTS `register`.`patrol_visit` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `visit` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `zone` STRING NOT NULL,
  `scheduled` TIMESTAMP_LTZ(6) NOT NULL,
  `tolerance_minutes` BIGINT NOT NULL,
  `visited` TIMESTAMP_LTZ(6),
  `observable` BOOLEAN NOT NULL
);

-- A drill: planned, held or not, and how it went.
CREATE TABLE IF NOT EXISTS `register`.`drill` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `drill` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `kind` STRING NOT NULL,
  `planned` DATE NOT NULL,
  `held` DATE,
  `result` STRING NOT NULL,
  `response_seconds` BIGINT
);

-- A complaint of a person held or of relatives: class and dates only, no text.
CREATE TABLE IF NOT EXISTS `register`.`complaint_record` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `complaint` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `category` STRING NOT NULL,
  `about_staff` BOOLEAN NOT NULL,
  `received` DATE NOT NULL,
  `due` DATE NOT NULL,
  `answered` DATE,
  `outcome` STRING NOT NULL
);

-- A medical duty that fell due: rounds, examinations on admission, medication, consultations.
CREATE TABLE IF NOT EXISTS `register`.`medical_duty` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `duty` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `kind` STRING NOT NULL,
  `due` TIMESTAMP_LTZ(6) NOT NULL,
  `done` TIMESTAMP_LTZ(6),
  `refused` BOOLEAN NOT NULL,
  `subject` STRING
);

-- How a facility's people spent a local day, as counts; who they are is not in it.
CREATE TABLE IF NOT EXISTS `register`.`custody_day` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `day` DATE NOT NULL,
  `persons` BIGINT NOT NULL,
  `solitary` BIGINT NOT NULL,
  `solitary_unknown` BIGINT NOT NULL,
  `prolonged` BIGINT NOT NULL,
  `outside_short` BIGINT NOT NULL,
  `outside_unknown` BIGINT NOT NULL
);

-- Restraints that were put on somebody: since when, until when allowed, until when worn.
CREATE TABLE IF NOT EXISTS `register`.`restraint_use` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `restraint_use` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `restraint` STRING NOT NULL,
  `begun` TIMESTAMP_LTZ(6) NOT NULL,
  `allowed_until` TIMESTAMP_LTZ(6),
  `ended` TIMESTAMP_LTZ(6)
);

-- What became of an alert at the posts; no officer is in it.
CREATE TABLE IF NOT EXISTS `register`.`alert_answer` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `alert` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `rule` STRING NOT NULL,
  `told` TIMESTAMP_LTZ(6) NOT NULL,
  `answered` TIMESTAMP_LTZ(6),
  `escalated` BOOLEAN NOT NULL,
  `closed` TIMESTAMP_LTZ(6),
  `outcome` STRING,
  `reason` STRING
);

-- A request to see a lawyer, and whether the meeting came about.
CREATE TABLE IF NOT EXISTS `register`.`lawyer_request` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `request` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `waits_from` TIMESTAMP_LTZ(6) NOT NULL,
  `met` TIMESTAMP_LTZ(6),
  `lapsed` TIMESTAMP_LTZ(6)
);

-- A measure of a facility or a block, for figures; one for a single person is that person's health, not entered.
CREATE TABLE IF NOT EXISTS `register`.`epidemic_record` (
  `known_from` TIMESTAMP_LTZ(6) NOT NULL,
  `source` STRING NOT NULL,
  `measure` STRING NOT NULL,
  `facility` STRING NOT NULL,
  `kind` STRING NOT NULL,
  `block` STRING NOT NULL,
  `starts` TIMESTAMP_LTZ(6) NOT NULL,
  `ends` TIMESTAMP_LTZ(6)
);
