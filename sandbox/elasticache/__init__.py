"""ElastiCache: parameter groups, members of replication groups, and an end to all of it."""
