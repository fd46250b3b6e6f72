"""S3: one method per operation, by subject; the embedded store does the work."""
