"""EC2: rules of security groups that keep their description."""
