package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/recording"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
)

// recordedCPU is how long the CPU profiles of a recording take.
const recordedCPU = 5 * time.Second

// recordFlags say what is recorded, and for how long.
type recordFlags struct {
	target.Target
	out      string
	duration time.Duration
	past     time.Duration
	profiles time.Duration
	verbose  bool
}

// Command is `evtui record`.
func Command() *cobra.Command {
	var f recordFlags
	cmd := &cobra.Command{
		Use:   "record",
		Short: "Record a server's metrics, events and log to a file",
		Long: "Record a server's metrics, engine events and log, and profiles on request, to one file, until ctrl-c or for " +
			"--duration. evtui open shows the file in the terminal UI, without the server; evtui compare compares two files. " +
			"Messages are not recorded. The file is readable at any time, even if the recording is interrupted.",
		Example: "  evtui record --url http://127.0.0.1:8080 --out run.evt\n" +
			"  evtui record --data /var/lib/evtui --out night.evt --duration 8h --profile-every 10m\n" +
			"  evtui record --context prod --out incident.evt --past 30m --duration 10m",
	}
	f.Target.Flags(cmd)
	cmd.Flags().StringVar(&f.out, "out", "", "file to create; it must not exist")
	cmd.Flags().Var(moment.Flag(&f.duration, 0), "duration", "how long to record; 0 for until ctrl-c")
	cmd.Flags().Var(moment.Flag(&f.past, 0), "past", "how much of the server's history to include, up to 1h")
	cmd.Flags().Var(moment.Flag(&f.profiles, 0), "profile-every", "interval between CPU and heap profiles, the first at once; 0 for none")
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "report progress even without a terminal")
	_ = cmd.MarkFlagFilename("out", "evt")
	cmd.RunE = f.Runs(target.ToRead, f.check, f.run)
	return cmd
}

func (f *recordFlags) check(cmd *cobra.Command, _ []string) error {
	return command.Check(cmd,
		command.When(f.out == "", "which file? Name it with --out, such as --out run.evt"),
		command.When(f.duration < 0 || f.past < 0 || f.past > time.Hour, "--duration must not be negative, and --past be from 0 to 1h"),
		command.When(f.profiles != 0 && f.profiles < 2*recordedCPU, "--profile-every must be at least %v: a CPU profile takes %v", 2*recordedCPU, recordedCPU))
}

// run records until the time is up or a signal comes, which is how a recording
// without a duration ends.
func (f *recordFlags) run(cmd *cobra.Command, s *target.Session) error {
	c, err := watcher(s)
	if err != nil {
		return err
	}
	defer c.Close()
	run, err := startRecording(cmd.Context(), c, f.out, recording.Options{Past: f.past})
	if err != nil {
		return err
	}
	if f.profiles > 0 {
		run.takeProfiles(c, f.profiles)
	}
	p := output.NewProgress(cmd, f.verbose)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var end <-chan time.Time
	if f.duration > 0 {
		timer := time.NewTimer(f.duration)
		defer timer.Stop()
		end = timer.C
	}
	for going := true; going; {
		select {
		case <-tick.C:
			p.Line("%s", run.line())
		case <-end:
			going = false
		case <-run.done:
			going = false
		}
	}
	p.Done()
	if err := run.stop(); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s; evtui open %s shows it\n", run.line(), f.out)
	return nil
}

// watcher returns a client that looks and does not count in the figures. It
// changes nothing, and says so by what it is used for: read-only would keep it
// from asking by the methods' names.
func watcher(s *target.Session) (*client.Client, error) {
	c, err := s.NewClient(s.URL(), client.WithActor("record"), client.WithTimeout(5*time.Second), client.WithRetries(client.Once()))
	if err != nil {
		return nil, err
	}
	return c.In(s.Namespace()), nil
}

// recordRun is a recording under way.
type recordRun struct {
	file     string
	writer   *recording.Writer
	recorder *recording.Recorder
	cancel   context.CancelFunc
	done     chan struct{} // closed by the recorder's goroutine at its end
	profiler chan struct{} // closed by the profiles' goroutine at its end; nil: none
	err      error         // of the recorder; valid after done
	ctx      context.Context
}

// startRecording begins to record into a new file, until stop or until ctx
// ends.
func startRecording(ctx context.Context, c *client.Client, file string, o recording.Options) (*recordRun, error) {
	w, err := recording.Create(file, recording.Header{Evtui: command.Version, Server: c.URL(), Namespace: c.Namespace(), Began: time.Now()})
	if err != nil {
		return nil, err
	}
	r := &recordRun{file: file, writer: w, recorder: recording.New(c, w, o), done: make(chan struct{})}
	// The first look shows whether there is anything to record, while it can
	// still be said.
	if err := r.recorder.Look(ctx); err != nil {
		return nil, errors.Join(err, w.Close(time.Now()), os.Remove(file))
	}
	r.ctx, r.cancel = context.WithCancel(ctx)
	go func() {
		defer close(r.done)
		r.err = r.recorder.Run(r.ctx)
	}()
	return r, nil
}

// stop ends the recording and its file.
func (r *recordRun) stop() error {
	r.cancel()
	<-r.done
	if r.profiler != nil {
		<-r.profiler
	}
	return errors.Join(r.err, r.writer.Close(time.Now()))
}

// takeProfiles takes profiles into the recording until it ends. One that fails
// is left out: the recording goes on.
func (r *recordRun) takeProfiles(c *client.Client, every time.Duration) {
	r.profiler = make(chan struct{})
	taker := profiler.NewRecorder(c.URL(), c.In("").Profile)
	go func() {
		defer close(r.profiler)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			for _, request := range []profiler.Request{{Kind: profiler.Heap, By: "a recording"}, {Kind: profiler.CPU, Duration: recordedCPU, By: "a recording"}} {
				taken, err := taker.Record(r.ctx, request, nil)
				if err == nil {
					about := profiler.Session{Kind: taken.Kind, Time: taken.Began, Duration: taken.Took, Target: taken.Target, Note: "while recording"}
					_ = r.recorder.Profile(recording.Profile{About: about, Data: taken.Data}) // Run meets the same fault
				}
			}
			select {
			case <-r.ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
}

// line says where the recording stands.
func (r *recordRun) line() string {
	report := r.recorder.Report()
	line := fmt.Sprintf("recorded %s: %s, %s", text.Duration(time.Since(report.Began).Truncate(time.Second)), output.Counted(report.Samples, "sample"), text.Bytes(float64(report.Bytes)))
	if report.Fault != "" {
		line += "; no data now: " + report.Fault
	}
	return line
}
