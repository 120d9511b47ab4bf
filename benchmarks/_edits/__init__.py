"""The parts of the benchmark of edits; see `benchmarks.edits`."""
