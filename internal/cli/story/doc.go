// Package story holds the commands that read the log as a story: what kinds of
// events there are, how they follow each other, what the state was, what caused
// what. Each is the headless twin of a tab of the Streams page.
package story
