package wire

// NearStop is the share of what stops writes (such as L0's sublevels) from which
// on a namespace is said to be near that point.
const NearStop = 0.75

// How little room on the disk is worth a warning: a share of it, and bytes.
const (
	diskLowShare = 0.05
	diskLowBytes = 2e9
)

// How much compactions may have left to do before it is worth a warning: a share
// of the data, and bytes.
const (
	debtHighShare = 0.5
	debtHighBytes = 1e9
)

// AilmentKind is what can be wrong with an engine.
type AilmentKind string

// The kinds of ailments, the worst first. Of the first three an Ailment counts the
// namespaces.
const (
	AilmentDamaged  AilmentKind = "damaged"    // namespaces refuse every call
	AilmentPoisoned AilmentKind = "WAL failed" // namespaces take no writes until they are opened again
	AilmentStalled  AilmentKind = "stalled"    // namespaces' writes stand still
	AilmentNearStop AilmentKind = "near stop"  // L0 of a namespace is near where writes stop
	AilmentNoticed  AilmentKind = "noticed"    // readers should know something: see Notice
	AilmentDiskLow  AilmentKind = "disk low"
	AilmentDebtHigh AilmentKind = "debt high"
)

// Ailment is something that is wrong with an engine.
type Ailment struct {
	Kind   AilmentKind
	Count  int       // of the namespaces that it is wrong with; 0 where it is not counted
	Notice NoticeSum // of AilmentNoticed
}

// Severe reports whether calls fail, or what they read is wrong. The rest are warnings.
func (a *Ailment) Severe() bool { return a.Count > 0 || a.Notice.State == NoticeApart }

// Ailments lists what is wrong with an engine, the worst first: the one place that
// decides what is worth a warning. e may be nil, for an engine that shows nothing of
// itself; free and size are of the disk, in bytes, a size of 0 is not known.
func Ailments(e *EngineSample, free, size int64) []Ailment {
	var list []Ailment
	add := func(kind AilmentKind, is bool) {
		if is {
			list = append(list, Ailment{Kind: kind})
		}
	}
	count := func(kind AilmentKind, n int) {
		if n > 0 {
			list = append(list, Ailment{Kind: kind, Count: n})
		}
	}
	if e != nil {
		count(AilmentDamaged, e.Damaged)
		count(AilmentPoisoned, e.Poisoned)
		count(AilmentStalled, e.Stalled)
		add(AilmentNearStop, e.SublevelsStop > 0 && float64(e.Sublevels) >= NearStop*float64(e.SublevelsStop))
		for _, n := range e.NoticeSums() {
			list = append(list, Ailment{Kind: AilmentNoticed, Notice: n})
		}
	}
	add(AilmentDiskLow, DiskLow(free, size))
	add(AilmentDebtHigh, e != nil && e.Debt >= debtHighBytes && float64(e.Debt) >= debtHighShare*float64(e.DiskBytes))
	return list
}

// DiskLow reports whether what is left of a file system, in bytes, is worth a
// warning. A size of 0 is not known, and not low.
func DiskLow(free, size int64) bool {
	return size > 0 && (free < diskLowBytes || float64(free) < diskLowShare*float64(size))
}
