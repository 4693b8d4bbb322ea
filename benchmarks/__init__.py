"""Figures of the whole pipeline, each script on servers of its own: `make benchmark B=big_day`, `B=week`, `B=peers`."""
