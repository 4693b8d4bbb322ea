"""The day's page: may I use yesterday, what happened, what changed, what was refused, what did it cost."""
