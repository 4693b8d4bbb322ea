"""Dataframe in, dataframe out: no reading, no writing, no session, no clock."""
