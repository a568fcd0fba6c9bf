"""X-Ray sampling rules and groups."""
