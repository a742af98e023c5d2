"""What holds for every test, whatever it tests."""

import signal

# A shell starts its background jobs with SIGINT ignored, nohup does the same with SIGHUP, and
# children inherit that: tests that stop a command would hang on a machine whose CI starts them so.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGTERM, signal.SIG_DFL),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)
