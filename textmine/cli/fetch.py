def fetch() -> None:
    """Being written."""
    raise NotImplementedError
