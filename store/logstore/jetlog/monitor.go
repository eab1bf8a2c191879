package jetlog

const syncUnknown = "sync not known"
