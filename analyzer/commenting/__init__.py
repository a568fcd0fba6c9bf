"""The Lambda's second entry point: a recommendation as one comment on its pull request."""
