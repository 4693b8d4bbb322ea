"""The process of a job: its Python, its end, and who watches that it ends."""
