"""What other people's failures mean for whoever runs a job: a table per server, read by code or by class.

`postgres` by SQLSTATE, `store` by the store's codes and its client's classes, `cassandra` and `spark` by the classes of
Java's exceptions; `java` walks a chain of causes through them. Words of a message are looked at only where there is
neither code nor class, each with its reason in `words`.
"""
