"""What runs in processes of its own: drivers and peers.  Each says a JSON object at its end."""
