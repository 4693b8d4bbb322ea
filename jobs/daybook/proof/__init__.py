"""What proves a day: its rows accounted for, read whole, and the chain from the warehouse back to bronze."""
