def send_reminders() -> int:
    return 0
