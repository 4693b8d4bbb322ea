"""One step of the pipeline per module: read by manifest, transform, audit, publish."""
