def send_reminders() -> int:
    return 0


def follow_up() -> int:
    return 0
