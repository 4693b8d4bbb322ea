"""Records of runs: what each was asked for, made and took, and measures for Prometheus."""
