package main

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"phoneacs/internal/app"
)

// load does what serve does with a command line, an environment and a file; no
// text means no file. It returns what each flag has become as well.
func load(t *testing.T, args []string, env map[string]string, yaml string) (app.Config, map[string]string, error) {
	t.Helper()
	var cfg app.Config
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	settings(flags, &cfg)
	if yaml != "" {
		args = append([]string{"--config", writeFile(t, yaml)}, args...)
	}
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	from, err := fillSettings(flags, lookup)
	cfg.From = from
	values := make(map[string]string)
	flags.VisitAll(func(f *pflag.Flag) { values[f.Name] = f.Value.String() })
	return cfg, values, err
}

// sources gives each setting three values: in the file, in the environment and
// on the command line. The default is what the table of flags says.
var sources = map[string][3]string{
	"data":            {"a", "b", "c"},
	"cwmp":            {":1", ":2", ":3"},
	"cwmp-tls":        {":1", ":2", ":3"},
	"sip":             {":1", ":2", ":3"},
	"tls-cert":        {"a", "b", "c"},
	"tls-key":         {"a", "b", "c"},
	"tls-client-ca":   {"a", "b", "c"},
	"tls-min":         {"1.0", "1.1", "1.3"},
	"admin-cert":      {"a", "b", "c"},
	"admin-key":       {"a", "b", "c"},
	"admin":           {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"},
	"admin-plain":     {"true", "false", "true"},
	"public-url":      {"http://a", "http://b", "http://c"},
	"enrol":           {"list", "open", "list"},
	"inform-pace":     {"1s", "2s", "3s"},
	"zone":            {"Europe/Berlin", "Asia/Kolkata", "America/New_York"},
	"wake-gap":        {"1s", "2s", "3s"},
	"stun":            {":1", ":2", ":3"},
	"stun-setup":      {"off", "all", "off"},
	"phone-networks":  {"10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"},
	"trusted-proxies": {"10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"},
	"admin-hosts":     {"a", "b", "c"},
	"quirks":          {"a", "b", "c"},
	"drain":           {"1s", "2s", "3s"},
	"pprof":           {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"},
	"log-level":       {"debug", "warn", "error"},
	"log-sessions":    {"busy", "all", "busy"},
	"log-format":      {"json", "text", "json"},
	"enrol-user":      {"fleet", "all", "phones"},
	"auth":            {"digest-sha256", "basic", "digest-md5"},
	"auth-tls":        {"digest-sha256", "basic", "digest-md5"},

	"keep-jobs":    {"1h0m0s", "2h0m0s", "3h0m0s"},
	"keep-history": {"1h0m0s", "2h0m0s", "3h0m0s"},
	"keep-uploads": {"1h0m0s", "2h0m0s", "3h0m0s"},
	"keep-backups": {"1", "2", "3"},
	"warn-free":    {"5%", "4G", "auto"},
	"min-free":     {"1MiB", "2G", "3"},

	"demo":             {"1", "2", "3"},
	"no-record-failed": {"true", "false", "true"},
	"record-kept":      {"1h0m0s", "2h0m0s", "3h0m0s"},
}

// TestPrecedence tries every setting in all combinations of places.
func TestPrecedence(t *testing.T) {
	plain, defaults, err := load(t, nil, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	plain.From = nil
	for name := range defaults {
		if _, ok := sources[name]; !ok && name != configFlag {
			t.Errorf("--%s is not tried", name)
		}
	}
	for name, v := range sources {
		for places := range 8 {
			t.Run(fmt.Sprintf("%s/%03b", name, places), func(t *testing.T) {
				want, from, yaml := defaults[name], "", ""
				var args []string
				env := map[string]string{}
				if places&1 != 0 {
					yaml = fmt.Sprintf("# ours\n%s: %q\n", name, v[0])
					want, from = v[0], ":2: "+name
				}
				if places&2 != 0 {
					env[envName(name)] = v[1]
					want, from = v[1], envName(name)
				}
				if places&4 != 0 {
					args = []string{"--" + name + "=" + v[2]}
					want, from = v[2], ""
				}
				cfg, values, err := load(t, args, env, yaml)
				if err != nil {
					t.Fatal(err)
				}
				if got := strings.Trim(values[name], "[]"); got != strings.Trim(want, "[]") {
					t.Errorf("%s is %q; want %q", name, got, want)
				}
				if got := cfg.From[name]; !strings.HasSuffix(got, from) || (got == "") != (from == "") {
					t.Errorf("it is said to be from %q; want %q", got, from)
				}
				cfg.From = nil
				if same := reflect.DeepEqual(cfg, plain); same != (strings.Trim(want, "[]") == strings.Trim(defaults[name], "[]")) {
					t.Errorf("the configuration is as without: %v; the setting is %q", same, want)
				}
			})
		}
	}
}

// TestPrecedenceOfTheFile: a flag names another file than the environment does.
func TestPrecedenceOfTheFile(t *testing.T) {
	env := map[string]string{"PHONEACS_CONFIG": writeFile(t, "enrol: open\n")}
	if _, values, err := load(t, nil, env, ""); err != nil || values["enrol"] != "open" {
		t.Errorf("from the environment: enrol is %q, %v", values["enrol"], err)
	}
	if _, values, err := load(t, nil, env, "data: elsewhere\n"); err != nil || values["enrol"] != "approve" || values["data"] != "elsewhere" {
		t.Errorf("from the flag: %v, %v", values, err)
	}
	if _, values, err := load(t, []string{"--config="}, env, ""); err != nil || values["enrol"] != "approve" {
		t.Errorf("with no file by flag: enrol is %q, %v", values["enrol"], err)
	}
}

func TestEnvironment(t *testing.T) {
	cfg, _, err := load(t, nil, map[string]string{
		"PHONEACS_PHONE_NETWORKS": "10.0.0.0/8,192.168.0.0/16", "PHONEACS_ADMIN_HOSTS": "", "PHONEACS_PUBLIC_URL": "",
	}, "admin-hosts: [a]\npublic-url: http://acs.example.com\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"10.0.0.0/8", "192.168.0.0/16"}; !slices.Equal(cfg.Networks, want) {
		t.Errorf("networks %q; want %q", cfg.Networks, want)
	}
	if len(cfg.Hosts) != 0 || cfg.PublicURL != "" {
		t.Errorf("an empty variable does not empty the setting: %q, %q", cfg.Hosts, cfg.PublicURL)
	}

	_, _, err = load(t, nil, map[string]string{"PHONEACS_DRAIN": "soon", "PHONEACS_ADMIN_PLAIN": "perhaps"}, "")
	var use *usageError
	if !errors.As(err, &use) || !strings.Contains(err.Error(), `PHONEACS_DRAIN="soon": `) || !strings.Contains(err.Error(), `PHONEACS_ADMIN_PLAIN="perhaps": `) {
		t.Errorf("values that are none: %v", err)
	}
}

// TestHelpNamesVariables holds the help to what is read.
func TestHelpNamesVariables(t *testing.T) {
	help := runLine(t.Context(), "serve", "--help").out
	for _, name := range append(slices.Sorted(maps.Keys(sources)), configFlag) {
		line := regexp.MustCompile(`(?m)^ +--` + name + ` .*$`).FindString(help)
		if !strings.Contains(line, "("+envName(name)+")") {
			t.Errorf("the help does not name %s:\n%s", envName(name), line)
		}
	}
	if envName("public-url") != "PHONEACS_PUBLIC_URL" {
		t.Errorf("public-url is %s", envName("public-url"))
	}
	if !strings.Contains(help, app.TokenVariable) || !strings.Contains(help, app.KeyVariable) || strings.Contains(help, "PHONEACS_CHECK") {
		t.Errorf("the help leaves out %s, or names a variable that is not read:\n%s", app.TokenVariable, help)
	}
}
