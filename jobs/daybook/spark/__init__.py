"""Spark as Daybook runs it: its session, its settings, its words, the room it needs, and what it is doing."""
