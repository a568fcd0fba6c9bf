"""S3 in the sandbox: bucket policies with conditions, versions that can all be deleted."""
