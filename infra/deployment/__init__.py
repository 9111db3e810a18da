"""Rules at facilities: what is in force where, and how it is changed while the job runs."""
