"""The repository's own tools: private servers, the whole stack, the demo and its checks."""
