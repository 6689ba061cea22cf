"""The benchmark suite: ratios of CPU-seconds against a reference in the same run, and counts."""
