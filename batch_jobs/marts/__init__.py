"""Building the marts: the dbt project run for an instance, and the seeds it needs."""
