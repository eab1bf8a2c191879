// Package tail is the Tail page: messages as they are written, of categories or
// of the whole namespace.
//
// It accounts for every message: what came is shown, hidden by the filter, or in
// a fold, which stands for messages that came faster than eyes read. While
// nothing comes it waits, for the server's subscription where there is one.
package tail
