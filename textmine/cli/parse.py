def parse() -> None:
    """Being written."""
    raise NotImplementedError
