"""Readiness, least-privilege accounts and connection checks: the parts that need the servers' drivers."""
