"""The two sources: how a day is read, as text and unjudged."""
