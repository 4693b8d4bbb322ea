"""What Daybook is made of, as a bill of materials, and what advisories say of it."""
