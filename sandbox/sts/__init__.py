"""STS: who took on which role is told."""
