"""The parts of the minimizer's benchmark; see `benchmarks.minimizer`."""
