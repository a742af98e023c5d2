"""iCalendar files (RFC 5545): what is in them, and what is wrong with them.

``components`` reads their structure, ``values`` single values, ``recurrence`` rules by which an
event comes again, and ``events`` makes events of all that.
"""
