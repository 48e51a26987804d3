"""What can go wrong, named by what the caller can do about it.

AssayError
├── Invalid            the caller's input is wrong: mend it
│   └── InvalidVersion     a version the ecosystem's rules cannot order
├── NotFound           the named thing does not exist
├── Conflict           the thing is in a state that does not allow this
├── Denied             credentials are missing or not sufficient
├── Unavailable        a remote side does not answer: try later
└── Unreadable         bytes that are not what they claim to be; partial results are kept
    └── LimitExceeded      reading stopped at a safety limit
"""


class AssayError(Exception):
    """Everything Assay raises on purpose; the message names the thing and the place."""


class Invalid(AssayError):
    """The caller's input is wrong."""


class InvalidVersion(Invalid):
    """A version string that the ecosystem's rules cannot order."""


class NotFound(AssayError):
    """The named thing does not exist."""


class Conflict(AssayError):
    """The thing is in a state that does not allow the request."""


class Denied(AssayError):
    """Credentials are missing or not sufficient."""


class Unavailable(AssayError):
    """A remote side does not answer; the same request may succeed later."""


class Unreadable(AssayError):
    """Bytes are not what they claim to be."""


class LimitExceeded(Unreadable):
    """Reading stopped at a safety limit (size, count, ratio, nesting or time)."""
