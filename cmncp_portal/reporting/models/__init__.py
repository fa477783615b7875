from .report import Calculation, CountedRecord, DueDateChange, LinkedCase, Narrative, Report
from .snapshot import Snapshot, SnapshotFile

__all__ = [
    "Calculation", "CountedRecord", "DueDateChange", "LinkedCase", "Narrative", "Report", "Snapshot", "SnapshotFile",
]  # fmt: skip
