"""Secrets Manager: secrets that another service keeps."""
