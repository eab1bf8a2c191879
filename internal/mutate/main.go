package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() {
	quick := flag.Bool("quick", false, "only what is quick: what CI runs")
	trust := flag.Bool("trust", false, "take it that the tests pass on the source as it is; -quick does")
	only := flag.String("only", "", "only the promises, or tests, that match this regular expression")
	list := flag.Bool("list", false, "list the mutations, and run nothing")
	verbose := flag.Bool("v", false, "print what the tests print")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := mutate(ctx, options{*quick, *quick || *trust, *list, *verbose}, *only); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be undone
	}
}

// errUnnoticed says that a promise can be broken without a word.
var errUnnoticed = errors.New("a test did not notice, or could not be run")

// options say what is run, and printed.
type options struct{ quick, trust, list, verbose bool }

func mutate(ctx context.Context, o options, only string) error {
	match, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	rows, err := promises(root)
	if err != nil {
		return err
	}
	all, err := mutations()
	if err != nil {
		return err
	}
	if faults := check(rows, all); len(faults) > 0 {
		slices.Sort(faults)
		return fmt.Errorf("the mutations and docs/reliability.md do not agree:\n%s", strings.Join(faults, "\n"))
	}
	failed := false
	for _, m := range all {
		if o.quick && !m.quick || !match.MatchString(m.promise) && !match.MatchString(m.test) || ctx.Err() != nil {
			continue
		}
		if o.list {
			fmt.Printf("%s → %s → %s\n", m.promise, m.broken, m.test)
			continue
		}
		failed = !m.report(ctx, root, o) || failed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if failed {
		return errUnnoticed
	}
	return nil
}

// report runs one mutation, prints a line, and reports whether it was noticed.
func (m mutation) report(ctx context.Context, root string, o options) bool {
	began := time.Now()
	outcome, detail := outcomeGreen, ""
	if !o.trust { // a test that fails anyway shows nothing; CI has run them all
		outcome, detail = m.tested(ctx, root)
		if outcome == outcomeRed {
			outcome, detail = outcomeError, "it fails on the source as it is:\n"+detail
		}
	}
	if outcome == outcomeGreen {
		outcome, detail = m.run(ctx, root)
	}
	fmt.Printf("%-5s %s → %s → %s (%.1f s)\n", outcome, m.promise, m.broken, m.test, time.Since(began).Seconds())
	if detail != "" && (o.verbose || outcome == outcomeError) {
		fmt.Println(detail)
	}
	return outcome == outcomeRed
}

// moduleRoot returns the directory of go.mod.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}
