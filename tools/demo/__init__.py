"""The demo: one page with a customer's phone, the help desk, and what happens in between."""
