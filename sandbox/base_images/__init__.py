"""Base images for machines that reach no image registry, assembled from what is installed."""
