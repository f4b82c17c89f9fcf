"""From a person to the help desk: a message is taken in, stored and forwarded."""
