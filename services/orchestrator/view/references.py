"""Which artefacts a campaign's steps refer to: collected for a batch, written at its end."""

from typing import Any, Final

from sqlalchemy import Connection, Delete, and_, bindparam, delete, insert

from contracts.envelope import ArtefactRef
from services.orchestrator.saga.state import Saga
from services.orchestrator.view.tables import artefacts

_STEP: Final = ("tenant_id", "campaign_id", "step")
_KEY: Final = (*_STEP, "digest", "name")


def _delete_by(columns: tuple[str, ...]) -> Delete:
    """Rows whose columns are those of the parameters `of_` and the column's name."""
    return delete(artefacts).where(and_(*(artefacts.c[c] == bindparam(f"of_{c}") for c in columns)))


_OF_STEP: Final = _delete_by(_STEP)
_SAME: Final = _delete_by(_KEY)


class References:
    """Takes references and releases into the rows of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._added: dict[tuple[str, ...], dict[str, Any]] = {}
        self._released: dict[tuple[str, ...], None] = {}

    def add(self, saga: Saga, step: str, ref: ArtefactRef) -> None:
        """The step refers to this artefact; once, however often it is said."""
        key = (saga.tenant_id, saga.campaign_id, step, ref.digest, ref.name)
        more = {"media_type": ref.media_type, "size_bytes": ref.size_bytes}
        self._added[key] = dict(zip(_KEY, key, strict=True)) | more

    def release(self, saga: Saga, step: str) -> None:
        """An undone step refers to nothing any more."""
        whose = (saga.tenant_id, saga.campaign_id, step)
        self._released[whose] = None
        for key in [key for key in self._added if key[: len(_STEP)] == whose]:
            del self._added[key]

    def flush(self) -> None:
        """Write what was collected: first what is gone, for a released step may begin anew."""
        if self._released:
            self._connection.execute(_OF_STEP, [_parameters(_STEP, key) for key in self._released])
        if self._added:
            self._connection.execute(_SAME, [_parameters(_KEY, key) for key in self._added])
            self._connection.execute(insert(artefacts), list(self._added.values()))


def _parameters(columns: tuple[str, ...], values: tuple[str, ...]) -> dict[str, str]:
    return {f"of_{column}": value for column, value in zip(columns, values, strict=True)}
