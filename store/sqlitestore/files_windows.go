package sqlitestore

// fileLimit returns how many file handles the process may have: the system
// sets no limit worth minding.
func fileLimit() int { return 1 << 16 }
