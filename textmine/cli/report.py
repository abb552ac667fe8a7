def report() -> None:
    """Being written."""
    raise NotImplementedError
