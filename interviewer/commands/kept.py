"""The interviews that `--all` means."""

import sys

from interviewer.errors import StoreError
from interviewer.service import Service


def readable(service: Service) -> list[str]:
    """Return every interview; one that cannot be read is told and does not keep the others."""
    found = []
    for row in service.store.rows():
        try:
            service.interview(row.id)
            found.append(row.id)
        except (StoreError, ValueError) as error:
            print(f"{row.id} is left out: {error}", file=sys.stderr)
    return found
