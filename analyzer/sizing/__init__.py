"""From what a service shows of its load to sizes with reasons, and what they cost a month."""
