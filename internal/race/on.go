//go:build race

package race

// Enabled says that this binary was built with -race.
const Enabled = true
