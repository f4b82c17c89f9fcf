"""From the help desk to a person: a webhook is stored, and its reply is published."""
