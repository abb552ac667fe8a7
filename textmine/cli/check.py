def check() -> None:
    """Being written."""
    raise NotImplementedError
