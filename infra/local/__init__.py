"""Process control of one machine: the broker and Superset as child processes of an instance."""
