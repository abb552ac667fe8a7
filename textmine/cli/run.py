def run() -> None:
    """Being written."""
    raise NotImplementedError
