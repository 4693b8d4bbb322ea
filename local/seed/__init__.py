"""Seed data: what a product of any size would hold, with a known amount of each kind of dirt."""
