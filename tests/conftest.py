"""What holds for every test, whatever it tests."""

import signal

# A shell starts its background jobs with SIGINT ignored, and children inherit that: tests that
# interrupt a command would hang on a machine whose CI starts them so.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
