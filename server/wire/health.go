package wire

// Damaged is a namespace that refuses every call (/health with the admin token,
// engine.info).
type Damaged struct {
	Namespace string `json:"namespace"`
	Reason    string `json:"reason"` // what is missing, in words: no path
}

// Notice is something that readers of a namespace should know, and that is no fault: it
// is old, or not whole yet (engine.info, engine.sample).
type Notice struct {
	Namespace string `json:"namespace,omitempty"` // absent: it is about the whole store
	State     string `json:"state"`               // as store.NoticeState
	Words     string `json:"words,omitempty"`     // in samples only of the whole store
	Age       int64  `json:"age,omitempty"`       // how old what is read is, in nanoseconds
}

// NoticeApart is store.NoticeApart, which somebody has to do something about.
const NoticeApart = "not following"

// VerifyReport answers ns.verify.
type VerifyReport struct {
	Namespace string    `json:"namespace"`
	Messages  int64     `json:"messages"` // that could be read
	Streams   int64     `json:"streams"`
	Findings  []Finding `json:"findings"` // faults
	Notes     []Finding `json:"notes"`    // what should be known and is no fault
}

// Inspection answers engine.inspect: what belongs to no one namespace.
type Inspection struct {
	Findings []Finding `json:"findings"` // faults
	Notes    []Finding `json:"notes"`    // what should be known and is no fault
}

// Finding is one of what ns.verify and engine.inspect found.
type Finding struct {
	Where  string `json:"where"` // which key range, record or file, in words
	Detail string `json:"detail"`
	Family string `json:"family,omitempty"` // which kind of keys, as engine.storage names them
	Keys   string `json:"keys,omitempty"`   // which of them, in words; absent: the family as a whole
}
