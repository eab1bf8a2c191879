// Package jettest runs a real NATS JetStream cluster for a test: servers that are the test
// binary itself, executed again, so that they can be killed with SIGKILL, stopped and cut
// off from one another while clients still reach them.
//
// A package whose tests want one hands its tests to [Main]:
//
//	func TestMain(m *testing.M) { jettest.Main(m) }
//
// [Start] makes a cluster that ends with its test; [Shared] makes one that all tests of
// the package use, each in an account of its own ([Cluster.Account]), where it sees no
// other's streams. Servers end with the test binary, also when that is killed.
package jettest
