"""What the tests share: how jobs are run, servers made to fail, rows planted, results read."""
