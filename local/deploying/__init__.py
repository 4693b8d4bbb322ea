"""What Kubernetes is told: the charts, what they make of our values, and the packages that the lock gives them."""
