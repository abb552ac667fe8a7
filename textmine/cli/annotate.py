def annotate() -> None:
    """Being written."""
    raise NotImplementedError
