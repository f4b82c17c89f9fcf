"""What is well and what is not: checks and the health page."""
