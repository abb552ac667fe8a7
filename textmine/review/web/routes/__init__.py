"""The addresses of the desk, one module per part."""
