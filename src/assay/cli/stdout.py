"""Standard output as bytes, with errors a person can read."""

import sys

from assay.errors import AssayError


def write_out(data: bytes) -> None:
    """Write to standard output. Raises AssayError when that is closed or full; that a reader left is nothing to
    explain (BrokenPipeError).
    """
    if sys.stdout is None:
        raise AssayError("standard output is closed")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AssayError(f"standard output cannot be written: {error.strerror}") from error
