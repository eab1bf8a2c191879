package page

// Linear is a page whose picture says little in words, and which has words of
// its own for it.
type Linear interface {
	// Linear tells what the page shows, a thing a line.
	Linear(env Env) []string
}
