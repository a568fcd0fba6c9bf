"""Application Auto Scaling: targets and policies, with their tags."""
