"""Files that real Trino read and wrote, and what its answers were."""
