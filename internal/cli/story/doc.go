// Package story has the commands that read the log as a story: what kinds of
// events there are, how they follow each other, what the state was, and what
// caused a message.
package story
