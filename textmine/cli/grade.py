def grade() -> None:
    """Being written."""
    raise NotImplementedError
