"""What a classifier is shown, and what it says: samples, kinds of values, classifications."""
