package profile

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/profiler"
)

// The formats of a flame graph.
const (
	formatText   output.Format = "text"
	formatSVG    output.Format = "svg"
	formatFolded output.Format = "folded"
)

// Command is `evtui profile` with its subcommands.
func Command() *cobra.Command {
	var session run
	cmd := &cobra.Command{
		Use:   "profile",
		Short: "Profile the engine under load, and analyse profiles",
		Long: "Run a load on a server on a fresh directory (or on --url, in a namespace of its own), take profiles before, " +
			"during and after it, and keep them with an analysis in profiles/TIME-ENGINE/. At the end evtui deletes the test " +
			"data, and the directory if it created it. --db-url chooses the engine.\n\n" +
			"The subcommands read profiles in pprof's protobuf format: files, standard input (-), and URLs of any Go program that " +
			"serves /debug/pprof; several are merged. Expressions and numbers are the same as in 'go tool pprof'.",
		Example: "  evtui profile --duration 30s --workers 10\n" +
			"  evtui profile --url http://127.0.0.1:8080\n" +
			"  evtui profile --db-url sqlite:///tmp/evlite/meta.db --duration 10s\n" +
			"  evtui profile top cpu.pb.gz\n" +
			"  evtui profile top http://127.0.0.1:6060/debug/pprof/heap\n" +
			"  evtui profile flame cpu.pb.gz -o svg > flame.svg\n" +
			"  evtui profile diff before.pb.gz after.pb.gz",
	}
	cmd.AddCommand(profileTop(), profileFlame(), profileCallers(), profileLines(), profileLabels(), profileValues(), profileDiff())
	session.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := session.check(cmd); err != nil {
			return err
		}
		return session.run(cmd.Context(), cmd)
	}
	return cmd
}

func profileTop() *cobra.Command {
	var (
		look profileLook
		top  profiler.TopOptions
	)
	cmd := &cobra.Command{
		Use:   "top FILE|URL|-...",
		Short: "List the most expensive functions",
		Long: "Print what 'go tool pprof -top' prints: flat is spent in the function itself, cum includes everything it calls. " +
			"A URL without a path stands for its CPU profile. Several profiles are merged.",
		Example: "  evtui profile top cpu.pb.gz -n 20\n  evtui profile top heap.pb.gz --value alloc_space --cum\n" +
			"  evtui profile top cpu.pb.gz --tagfocus method=stream.write -o json\n" +
			"  evtui profile top http://127.0.0.1:6060 --seconds 10\n" +
			"  curl -s http://127.0.0.1:6060/debug/pprof/heap | evtui profile top -",
	}
	look.flags(cmd)
	topFlags(cmd, &top)
	out := output.Flag(cmd, output.Table, output.JSON, output.NDJSON)
	cmd.RunE = look.shows(0, func(cmd *cobra.Command, _ []string, v *profiler.View) error {
		return look.printTop(cmd, *out, v, top)
	})
	return cmd
}

func topFlags(cmd *cobra.Command, top *profiler.TopOptions) {
	cmd.Flags().BoolVar(&top.ByCum, "cum", false, "sort by cum instead of flat")
	cmd.Flags().IntVarP(&top.Count, "count", "n", 0, "maximum number of functions (default: all)")
	cmd.Flags().BoolVar(&top.All, "all", false, "include functions below half a percent")
	cmd.Flags().StringVar(&top.Unit, "unit", "", "unit to print in, such as ms or MB")
}

// row is a line of top in JSON.
type row struct {
	Function string `json:"function"`
	Inline   string `json:"inline,omitempty"`
	Flat     int64  `json:"flat"`
	Cum      int64  `json:"cum"`
}

func (l *profileLook) printTop(cmd *cobra.Command, out output.Format, v *profiler.View, top profiler.TopOptions) error {
	t := v.Top(top)
	if out == output.Table {
		return printText(cmd, t.Write)
	}
	l.nameValue(cmd, v)
	values := make([]row, len(t.Rows))
	for i, r := range t.Rows {
		values[i] = row{Function: r.Name, Inline: r.Inline, Flat: r.Flat, Cum: r.Cum}
	}
	return output.Rows(cmd.OutOrStdout(), out, values, nil, nil)
}

func profileFlame() *cobra.Command {
	var (
		look profileLook
		text profiler.FlameText
	)
	cmd := &cobra.Command{
		Use:   "flame FILE|URL|-...",
		Short: "Draw the flame graph: as text, as SVG, or folded",
		Long: "Print all stacks merged from the root. -o svg writes one file for the browser, with zoom and search, that needs " +
			"no network; -o folded is for other flame graph tools. For a difference, it shows signed changes.",
		Example: "  evtui profile flame cpu.pb.gz --min 2\n  evtui profile flame cpu.pb.gz -o svg > flame.svg",
	}
	look.flags(cmd)
	minimum := cmd.Flags().Float64("min", 0.5, "leave out frames below this percentage of the total")
	cmd.Flags().IntVar(&text.MaxDepth, "depth", 0, "levels to draw (default: all)")
	cmd.Flags().IntVar(&text.Bar, "bar", 20, "cells of the widest bar; 0 draws none")
	cmd.Flags().BoolVar(&text.ASCII, "ascii", false, "bars of #")
	out := output.Flag(cmd, formatText, formatSVG, formatFolded)
	cmd.RunE = look.shows(0, func(cmd *cobra.Command, args []string, v *profiler.View) error {
		if *out == formatFolded {
			look.nameValue(cmd, v)
		}
		svg := profiler.FlameSVG{Title: titleOf(args)}
		if cmd.Flags().Changed("min") {
			svg.MinShare = *minimum / 100
		}
		if text.MinShare = *minimum / 100; text.MinShare <= 0 {
			text.MinShare = -1
		}
		return printFlame(cmd, *out, v.Flame(), text, svg)
	})
	return cmd
}

func printFlame(cmd *cobra.Command, out output.Format, f *profiler.Flame, text profiler.FlameText, svg profiler.FlameSVG) error {
	switch out {
	case formatSVG:
		return f.WriteSVG(output.Verbatim(cmd.OutOrStdout()), svg)
	case formatFolded:
		return printText(cmd, f.WriteFolded)
	default:
		symbols := settings.Of(cmd.Context()).File.Values["symbols"].Texts
		text.ASCII = text.ASCII || output.InASCII(cmd.OutOrStdout()) || slices.Contains(symbols, "ascii")
		return printText(cmd, func(w io.Writer) error { return f.WriteText(w, text) })
	}
}

func profileCallers() *cobra.Command {
	var look profileLook
	cmd := &cobra.Command{
		Use:     "callers FILE|URL|-... FUNCTION",
		Short:   "Show who calls a function and what it calls",
		Long:    "Print what 'go tool pprof -peek' prints for the functions whose names match the expression FUNCTION.",
		Example: "  evtui profile callers cpu.pb.gz runtime.mallocgc\n  evtui profile callers cpu.pb.gz 'engine.*commit'",
	}
	look.flags(cmd)
	cmd.RunE = look.shows(1, func(cmd *cobra.Command, args []string, v *profiler.View) error {
		return printText(cmd, func(w io.Writer) error { return v.WritePeek(w, args[len(args)-1]) })
	})
	return cmd
}

func profileLines() *cobra.Command {
	var look profileLook
	cmd := &cobra.Command{
		Use:     "lines FILE|URL|-... FUNCTION",
		Aliases: []string{"list"},
		Short:   "Show a function's source with the cost of each line",
		Long: "Print what 'go tool pprof -list' prints for the functions whose names match the expression FUNCTION. The " +
			"source is read from where it was compiled, or from --source.",
		Example: "  evtui profile lines cpu.pb.gz 'Server.*serveRPC'\n  evtui profile lines cpu.pb.gz commit --source ~/src/evtui",
	}
	look.flags(cmd)
	roots := cmd.Flags().StringSlice("source", []string{"."}, "directories to search for the source")
	cmd.RunE = look.shows(1, func(cmd *cobra.Command, args []string, v *profiler.View) (err error) {
		look.nameValue(cmd, v)
		dirs := make([]string, len(*roots))
		for i, root := range *roots {
			if dirs[i], err = filepath.Abs(root); err != nil {
				return fmt.Errorf("find the source: %w", err)
			}
		}
		return printText(cmd, func(w io.Writer) error { return v.WriteList(w, args[len(args)-1], profiler.SourceFiles(dirs...)) })
	})
	return cmd
}

func profileDiff() *cobra.Command {
	var (
		look profileLook
		top  profiler.TopOptions
	)
	cmd := &cobra.Command{
		Use:   "diff BEFORE AFTER",
		Short: "Show what grew and what shrank between two profiles",
		Long: "Print the top of AFTER minus BEFORE, as 'go tool pprof -top -diff_base BEFORE AFTER' does: percentages are of " +
			"BEFORE. With --normalize AFTER is scaled to BEFORE's total first, so that captures of different lengths are comparable.",
		Example: "  evtui profile diff before.pb.gz after.pb.gz -n 20\n  evtui profile diff cpu-10s.pb.gz cpu-30s.pb.gz --normalize",
	}
	look.filterFlags(cmd)
	cmd.Flags().BoolVar(&look.normalize, "normalize", false, "scale AFTER to BEFORE's total first")
	topFlags(cmd, &top)
	out := output.Flag(cmd, output.Table, output.JSON, output.NDJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		look.diffBase = args[0]
		v, err := look.view(cmd, args[1])
		if err != nil {
			return err
		}
		return look.printTop(cmd, *out, v, top)
	}
	return cmd
}
