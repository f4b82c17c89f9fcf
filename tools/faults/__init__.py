"""Breaking things on purpose, and telling what became of every message: ``make faults``.

Real traffic goes through several worker processes on the real RabbitMQ and Redis and the stand-in
Snappy while `tools.faults.injuries` breaks one thing after the other; `tools.faults.verdict` then
compares what went in with what came out.
"""
