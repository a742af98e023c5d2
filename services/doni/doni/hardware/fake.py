"""Fields of hardware that exists only in the record, for tests."""

from doni.hardware.fields import Field

FIELDS: tuple[Field, ...] = (
    Field("default_field", description="Any text."),
    Field("default_required_field", required=True, description="Any text."),
)
