"""A look at everything that a night needs, before the first one: one line each, with the cure of what is wrong."""
