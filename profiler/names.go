package profiler

import "strings"

// simpleName does to a function's name what pprof does when it opens a
// profile, short of demangling: arguments go from what looks like C++, and so
// they do from Go's closures inside generic functions.
func simpleName(name, system string) string {
	if name != "" && system != name {
		return name
	}
	name = system
	if !looksLikeCPlusPlus(name) {
		return name
	}
	return withoutPairs(withoutPairs(name, '(', ')'), '<', '>')
}

func looksLikeCPlusPlus(name string) bool {
	if strings.Contains(name, ".<") || strings.Contains(name, "]).") {
		return false
	}
	return strings.ContainsAny(name, "<>[]") || strings.Contains(name, "::")
}

// withoutPairs cuts what stands between opening and closing, nested ones
// included; a name in which they do not match stays whole from there on.
func withoutPairs(name string, opening, closing byte) string {
	depth, first := 0, 0
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case opening:
			if depth++; depth == 1 {
				first = i
			}
		case closing:
			if depth--; depth < 0 {
				return name
			}
			if depth == 0 {
				name = name[:first] + name[i+1:]
				i = first - 1
			}
		}
	}
	return name
}

// ShortNames returns ever shorter forms of a Go function's name for where
// there is little room: as it is, without the path of its package, without
// the package. Names that have nothing to leave out stay.
func ShortNames(name string) []string {
	path := pathEnd(name)
	function := path
	if dot := strings.IndexByte(name[path:], '.'); dot >= 0 && path+dot+1 < len(name) {
		function = path + dot + 1
	}
	return []string{name, name[path:], name[function:]}
}

// PackageOf cuts a Go function's name down to its package.
func PackageOf(name string) string {
	path := pathEnd(name)
	if dot := strings.IndexByte(name[path:], '.'); dot >= 0 {
		return name[:path+dot]
	}
	return name
}

// pathEnd is where the last element of the package's path begins. Slashes in
// type arguments do not count.
func pathEnd(name string) int {
	if bracket := strings.IndexByte(name, '['); bracket >= 0 {
		name = name[:bracket]
	}
	return strings.LastIndexByte(name, '/') + 1
}
