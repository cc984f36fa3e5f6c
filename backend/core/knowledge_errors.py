"""What can go wrong when the knowledge is edited."""

from backend.core.errors import AUGuruError, Conflict, NotFound, ServiceUnavailable


class NotEditable(Conflict):
    """The category's file is not one of entries, or cannot be read."""

    code = "not_editable"
    title = "Not editable"
    default_detail = "The facts of this category can only be changed in their file."


class EntryExists(Conflict):
    """The category has an entry of that id."""

    code = "entry_exists"
    title = "Entry exists"
    default_detail = "The category already has an entry with this id."


class VersionConflict(Conflict):
    """Somebody else has changed the entry since it was read."""

    code = "version_conflict"
    title = "Version conflict"
    default_detail = "The entry was changed meanwhile. Please read it again and repeat your edit."


class VersionRequired(AUGuruError):
    """An edit did not say which version it was made from."""

    status = 428
    code = "version_required"
    title = "Version required"
    default_detail = "The If-Match header must name the version that is being edited."


class VersionNotFound(NotFound):
    """The entry has no such earlier version, or there was nothing before it."""

    code = "version_not_found"
    title = "Version not found"
    default_detail = "The entry has no such earlier version."


class KnowledgeReadOnly(ServiceUnavailable):
    """The folder of facts may not be written to."""

    code = "knowledge_read_only"
    title = "Knowledge is read-only"
    default_detail = "The folder of facts cannot be written to. Nothing was changed."


class KnowledgeNotWritten(ServiceUnavailable):
    """The disk is full, or writing failed otherwise."""

    code = "knowledge_not_written"
    title = "Knowledge not written"
    default_detail = "The facts could not be written to the disk. Nothing was changed."


class KnowledgeBusy(ServiceUnavailable):
    """Others are editing, one after the other, for longer than an editor waits."""

    code = "knowledge_busy"
    title = "Knowledge is being edited"
    default_detail = "Somebody else is editing at this moment. Please try again."
