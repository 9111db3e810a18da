"""Which facilities are inspected in a week, by whom, and why: pure, seeded, the same for the same inputs."""

from batch_jobs.inspection.plan import Choice, Inspector, Plan, Site, plan_week
from batch_jobs.inspection.policy import Policy, load_policy

__all__ = ["Choice", "Inspector", "Plan", "Policy", "Site", "load_policy", "plan_week"]
