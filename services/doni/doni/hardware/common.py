"""Fields that several kinds of hardware have."""

from doni.hardware import forms
from doni.hardware.fields import Field

MAINTENANCE = Field(
    "maintenance",
    {
        "type": ["boolean", "string"],
        "minLength": 1,
        "maxLength": forms.LONGEST,
        "description": "true, false, or the reason why it is out of service",
    },
    private=True,
    description="Whether it is out of service: true, or the reason.",
)
