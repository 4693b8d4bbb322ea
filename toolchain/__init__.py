"""What the stack, the tests and the image are made of: environments, programs and jars, fetched or built from locks."""
