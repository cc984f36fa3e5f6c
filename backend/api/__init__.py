"""The HTTP side: routes, what they depend on, and how failures look."""
