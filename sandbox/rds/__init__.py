"""RDS: instances that are told apart, and remember what they were asked for."""
