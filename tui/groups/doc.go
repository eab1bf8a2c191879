// Package groups is the Groups page: how a category is divided among the members
// of a consumer group, how many messages and streams fall to each, what another
// number of members would move, and how far consumers are.
//
// Shares are worked out from the category's streams, in commands; the page shows
// them as soon as the first ones are there. What is said of consumers was
// observed by the server.
package groups
