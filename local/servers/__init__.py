"""The three servers, each as a process of its own with data and log under the stack's home."""
