"""Inspections between the tiers, from plan to accepted re-inspection: each step a row of a register, audited first."""
