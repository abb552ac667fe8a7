def measure() -> None:
    """Being written."""
    raise NotImplementedError
