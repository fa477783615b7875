def send_reminders() -> int:
    return 0


def housekeeping() -> int:
    return 0
