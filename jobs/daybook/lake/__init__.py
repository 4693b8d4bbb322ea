"""The lake: where files are, which of them are live, and how a batch is published."""
