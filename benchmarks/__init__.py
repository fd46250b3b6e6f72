"""The project's own measurements: ratios to a floor or a peer in the same run."""
