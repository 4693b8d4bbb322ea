"""The demonstration: seeded data, three days run, and the proof that the answers are right."""
