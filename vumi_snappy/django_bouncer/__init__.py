"""What the Django bouncer had: its HTTP API, and the take-over of its tickets."""
