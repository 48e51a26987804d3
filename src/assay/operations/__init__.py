"""What the product can do: one function is one use case."""
