"""What an operator can do and see, whatever the face: console, JSON API or command line."""
