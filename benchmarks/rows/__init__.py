"""The measurements, one module each; `benchmarks.registry` holds them in order."""
