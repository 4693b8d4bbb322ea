"""The same work by other tools, as their users would write it, to measure Daybook against.

Each module with a `main` is a process of its own, run from the root of the checkout in the environment `peers`; the
servers it finds in the environment, as a job does, and Daybook's layers by their manifests:

    PYTHONPATH=.:jobs .local/envs/peers/bin/python -m benchmarks.peers.copy_postgres --ds 2025-03-01
"""
