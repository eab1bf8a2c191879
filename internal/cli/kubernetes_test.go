package cli

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// What the manifests use of Kubernetes' API, by the names that it has there. The
// API server ignores a field that it does not know, or refuses it.
type (
	labels map[string]string

	objectMeta struct {
		Name   string
		Labels labels
	}

	selector struct {
		MatchLabels labels `yaml:"matchLabels"`
	}

	probe struct {
		HTTPGet struct {
			Path, Port string
		} `yaml:"httpGet"`
		PeriodSeconds    int `yaml:"periodSeconds"`
		TimeoutSeconds   int `yaml:"timeoutSeconds"`
		FailureThreshold int `yaml:"failureThreshold"`
	}

	container struct {
		Name, Image string
		Args        []string
		Env         []struct{ Name, Value string }
		Ports       []struct {
			Name          string
			ContainerPort int `yaml:"containerPort"`
		}
		ReadinessProbe  probe `yaml:"readinessProbe"`
		LivenessProbe   probe `yaml:"livenessProbe"`
		StartupProbe    probe `yaml:"startupProbe"`
		Resources       struct{ Requests, Limits map[string]string }
		SecurityContext struct {
			AllowPrivilegeEscalation bool `yaml:"allowPrivilegeEscalation"`
			ReadOnlyRootFilesystem   bool `yaml:"readOnlyRootFilesystem"`
			Capabilities             struct{ Drop []string }
		} `yaml:"securityContext"`
		VolumeMounts []struct {
			Name      string
			MountPath string `yaml:"mountPath"`
		} `yaml:"volumeMounts"`
	}

	podSpec struct {
		TerminationGracePeriodSeconds int  `yaml:"terminationGracePeriodSeconds"`
		AutomountServiceAccountToken  bool `yaml:"automountServiceAccountToken"`
		SecurityContext               struct {
			RunAsNonRoot        bool                  `yaml:"runAsNonRoot"`
			RunAsUser           int                   `yaml:"runAsUser"`
			RunAsGroup          int                   `yaml:"runAsGroup"`
			FSGroup             int                   `yaml:"fsGroup"`
			FSGroupChangePolicy string                `yaml:"fsGroupChangePolicy"`
			SeccompProfile      struct{ Type string } `yaml:"seccompProfile"`
		} `yaml:"securityContext"`
		Containers []container
		Volumes    []struct {
			Name     string
			EmptyDir struct{} `yaml:"emptyDir"`
		}
	}

	statefulSet struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   objectMeta
		Spec       struct {
			ServiceName string `yaml:"serviceName"`
			Replicas    int
			Selector    selector
			Template    struct {
				Metadata objectMeta
				Spec     podSpec
			}
			VolumeClaimTemplates []struct {
				Metadata objectMeta
				Spec     struct {
					AccessModes []string `yaml:"accessModes"`
					Resources   struct{ Requests map[string]string }
				}
			} `yaml:"volumeClaimTemplates"`
		}
	}

	service struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   objectMeta
		Spec       struct {
			Selector labels
			Ports    []struct {
				Name       string
				Port       int
				TargetPort string `yaml:"targetPort"`
			}
		}
	}

	serviceMonitor struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   objectMeta
		Spec       struct {
			Selector  selector
			Endpoints []struct {
				Port, Path, Interval string
				Authorization        struct {
					Type        string
					Credentials struct{ Name, Key string }
				}
			}
		}
	}

	kustomization struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Resources  []string
		Images     []struct {
			Name    string
			NewName string `yaml:"newName"`
			NewTag  string `yaml:"newTag"`
		}
		Labels []struct {
			Pairs            labels
			IncludeSelectors bool `yaml:"includeSelectors"`
		}
	}
)

// mustDecode reads a manifest, in which every field must be known and the only
// document is the first.
func mustDecode[T any](t *testing.T, file string) T {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "packaging", "kubernetes", file))
	if err != nil {
		t.Fatal(err)
	}
	var into T
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&into); err != nil {
		t.Fatalf("read %s: %v", file, err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		t.Fatalf("%s has a second document, or %v", file, err)
	}
	return into
}

// mustTakeEnvironment checks that `evtui serve` has a flag for each EVTUI_
// variable, and that the flag takes its value.
func mustTakeEnvironment(t *testing.T, where string, variables map[string]string) {
	t.Helper()
	serve, _, err := newRoot().Find([]string{"serve"})
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range variables {
		flag, ours := strings.CutPrefix(name, "EVTUI_")
		if !ours {
			continue
		}
		f := serve.Flags().Lookup(strings.ToLower(strings.ReplaceAll(flag, "_", "-")))
		if f == nil {
			t.Errorf("%s sets %s, for which evtui serve has no flag", where, name)
		} else if err := f.Value.Set(value); err != nil {
			t.Errorf("%s sets %s: %v", where, name, err)
		}
	}
}

// TestManifestsFitTogether: what one manifest names, another one has, and evtui
// takes what they set. The API server itself has never seen them here.
func TestManifestsFitTogether(t *testing.T) {
	set := mustDecode[statefulSet](t, "statefulset.yaml")
	front := mustDecode[service](t, "service.yaml")
	monitor := mustDecode[serviceMonitor](t, "servicemonitor.yaml")
	custom := mustDecode[kustomization](t, "kustomization.yaml")
	for what, holds := range map[string]bool{
		"the API of the StatefulSet":           set.APIVersion == "apps/v1" && set.Kind == "StatefulSet",
		"the API of the Service":               front.APIVersion == "v1" && front.Kind == "Service",
		"the API of the ServiceMonitor":        monitor.APIVersion == "monitoring.coreos.com/v1" && monitor.Kind == "ServiceMonitor",
		"the API of the Kustomization":         custom.APIVersion == "kustomize.config.k8s.io/v1beta1" && custom.Kind == "Kustomization",
		"one process holds a store":            set.Spec.Replicas == 1,
		"the StatefulSet names its Service":    set.Spec.ServiceName == front.Metadata.Name,
		"the Service exposes one port":         len(front.Spec.Ports) == 1,
		"the ServiceMonitor looks at one port": len(monitor.Spec.Endpoints) == 1,
		"one container, one claim, one image":  len(set.Spec.Template.Spec.Containers) == 1 && len(set.Spec.VolumeClaimTemplates) == 1 && len(custom.Images) == 1,
	} {
		if !holds {
			t.Fatalf("it does not hold: %s", what)
		}
	}
	for what, pair := range map[string][2]labels{
		"the StatefulSet's selector and its pods":              {set.Spec.Selector.MatchLabels, set.Spec.Template.Metadata.Labels},
		"the Service's selector and the pods":                  {front.Spec.Selector, set.Spec.Template.Metadata.Labels},
		"the ServiceMonitor's selector and the Service":        {monitor.Spec.Selector.MatchLabels, front.Metadata.Labels},
		"the labels that all get, and those of the manifests'": {custom.Labels[0].Pairs, set.Metadata.Labels},
	} {
		if len(pair[0]) == 0 {
			t.Errorf("%s: nothing is selected", what)
		}
		for name, value := range pair[0] {
			if pair[1][name] != value {
				t.Errorf("%s: %s is %q and %q", what, name, value, pair[1][name])
			}
		}
	}
	one := set.Spec.Template.Spec.Containers[0]
	if custom.Images[0].Name != one.Image {
		t.Errorf("the image that is replaced is %q, the container's %q", custom.Images[0].Name, one.Image)
	}
	if monitor.Spec.Endpoints[0].Port != front.Spec.Ports[0].Name {
		t.Errorf("the ServiceMonitor looks at port %q, the Service has %q", monitor.Spec.Endpoints[0].Port, front.Spec.Ports[0].Name)
	}
	port := one.Ports[0]
	for _, name := range []string{front.Spec.Ports[0].TargetPort, one.ReadinessProbe.HTTPGet.Port, one.LivenessProbe.HTTPGet.Port, one.StartupProbe.HTTPGet.Port} {
		if name != port.Name {
			t.Errorf("port %q is meant, the container has %q", name, port.Name)
		}
	}
	mustHaveFiles(t, custom.Resources)
	mustHaveVolumes(t, set)
	mustFitEvtui(t, set)
}

// mustHaveFiles checks that the kustomization has all manifests.
func mustHaveFiles(t *testing.T, resources []string) {
	t.Helper()
	there, err := filepath.Glob(filepath.Join("..", "..", "packaging", "kubernetes", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"kustomization.yaml"}
	for _, file := range there {
		if name := filepath.Base(file); name != want[0] {
			want = append(want, name)
		}
	}
	got := append([]string{want[0]}, resources...)
	slices.Sort(got[1:])
	if !slices.Equal(got, want) {
		t.Errorf("the kustomization has %q, there are %q", got[1:], want[1:])
	}
}

// mustHaveVolumes checks that what is mounted is there, and that nothing else is.
func mustHaveVolumes(t *testing.T, set statefulSet) {
	t.Helper()
	var volumes, mounts []string
	for _, v := range set.Spec.Template.Spec.Volumes {
		volumes = append(volumes, v.Name)
	}
	for _, v := range set.Spec.VolumeClaimTemplates {
		volumes = append(volumes, v.Metadata.Name)
	}
	for _, m := range set.Spec.Template.Spec.Containers[0].VolumeMounts {
		mounts = append(mounts, m.Name)
	}
	slices.Sort(volumes)
	slices.Sort(mounts)
	if !slices.Equal(volumes, mounts) {
		t.Errorf("volumes %q, mounted %q", volumes, mounts)
	}
}

// mustFitEvtui checks what the pod says against what evtui does with it.
func mustFitEvtui(t *testing.T, set statefulSet) {
	t.Helper()
	pod := set.Spec.Template.Spec
	one := pod.Containers[0]
	env := map[string]string{}
	for _, v := range one.Env {
		env[v.Name] = v.Value
	}
	mustTakeEnvironment(t, "the StatefulSet", env)
	if _, port, err := net.SplitHostPort(env["EVTUI_LISTEN"]); err != nil || port != "8080" || one.Ports[0].ContainerPort != 8080 {
		t.Errorf("it listens on %s (%v), the container's port is %d", env["EVTUI_LISTEN"], err, one.Ports[0].ContainerPort)
	}
	if mount := one.VolumeMounts[0].MountPath; path.Dir(env["EVTUI_DATA"]) != mount {
		t.Errorf("the data is in %s, the volume at %s", env["EVTUI_DATA"], mount)
	}
	var budget, limit byteSize
	if err := errors.Join(budget.Set(env["EVTUI_MEMORY"]), limit.Set(one.Resources.Limits["memory"]+"B")); err != nil || 2*budget > limit {
		t.Errorf("the budget is %v, the limit %v (%v): it must leave as much again", budget, limit, err)
	}
	serve, _, err := newRoot().Find([]string{"serve"})
	if err != nil {
		t.Fatal(err)
	}
	drain, err := time.ParseDuration(serve.Flags().Lookup("drain-timeout").DefValue)
	if grace := time.Duration(pod.TerminationGracePeriodSeconds) * time.Second; err != nil || grace < 2*drain {
		t.Errorf("running calls have %v, the pod %v (%v)", drain, grace, err)
	}
	if !pod.SecurityContext.RunAsNonRoot || !one.SecurityContext.ReadOnlyRootFilesystem || one.SecurityContext.AllowPrivilegeEscalation {
		t.Error("the pod may do more than it needs")
	}
}
