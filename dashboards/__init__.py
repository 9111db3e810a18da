"""What people see: Superset assets as code, access, pictures and checks."""
