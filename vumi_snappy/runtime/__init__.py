"""What any process of ours needs, whatever it does: clocks, periodic jobs, its log, a watchdog."""
