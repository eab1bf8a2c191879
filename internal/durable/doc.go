// Package durable writes files and directories so that they are there whole or not
// at all: [Replace] a file that is slow to come, [Write] a small one, [CopyTree] a
// directory.
package durable
