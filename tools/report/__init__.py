"""The access report: what a change does to access, and whether anybody loses credentials or data by it."""
