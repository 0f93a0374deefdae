public import StateStore

extension SQLiteStateStore: CommitHistory {}
