package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"phoneacs/internal/app"
)

// settings declares what can be told to serve: the one table of it.
func settings(f *pflag.FlagSet, c *app.Config) {
	f.StringVar(&c.Data, "data", "phoneacs-data", "`directory` of the store")
	f.StringVar(&c.CWMP, "cwmp", ":7547", "`address` for phones: CWMP at /acs and /, files at /files/")
	f.StringVar(&c.CWMPTLS, "cwmp-tls", "", "`address` for phones that speak TLS, as well as --cwmp or, if that is empty, alone; not given: none")
	f.StringVar(&c.SIP, "sip", "", "`address` for SIP over UDP, by which phones are told to look for their files (check-sync); not given: none")
	f.StringVar(&c.TLSCert, "tls-cert", "", "PEM `file` with the certificate chain of --cwmp-tls; not given: the server makes an authority and a certificate of its own")
	f.StringVar(&c.TLSKey, "tls-key", "", "PEM `file` with the key of --tls-cert")
	f.StringVar(&c.TLSClientCA, "tls-client-ca", "", "PEM `file` with authorities; a phone that shows a certificate is let in only with one of theirs; not given: none is asked for")
	f.StringVar(&c.TLSMin, "tls-min", "1.2", "lowest version of TLS on --cwmp-tls: 1.0, 1.1, 1.2 or 1.3")
	f.StringVar(&c.Admin, "admin", "127.0.0.1:8080", "`address` of the admin API; off loopback only with --admin-cert or --admin-plain")
	f.StringVar(&c.AdminCert, "admin-cert", "", "PEM `file` with the certificate chain of the admin API; not given: it speaks plain HTTP")
	f.StringVar(&c.AdminKey, "admin-key", "", "PEM `file` with the key of --admin-cert")
	f.BoolVar(&c.AdminPlain, "admin-plain", false, "let the admin API be reached from the network without TLS, where tokens can be read")
	f.StringVar(&c.PublicURL, "public-url", "", "scheme and host that phones reach this server by; not given: as each phone's own request says")
	f.StringVar(&c.Enrol, "enrol", "approve", "what happens to unknown phones: approve (an operator approves them), list (only imported ones) or open (all are let in)")
	f.StringVar(&c.EnrolUser, "enrol-user", "", "`name` by which phones log in that have no login of their own yet, with the password in PHONEACS_ENROL_PASSWORD; not given: they enrol without")
	f.StringVar(&c.Auth, "auth", "digest-md5", "what phones are asked for that have to prove who they are: digest-md5, digest-sha256, or basic, whose passwords can be read on the way")
	f.StringVar(&c.AuthTLS, "auth-tls", "digest-md5", "the same within TLS: digest-md5, digest-sha256 or basic")
	f.DurationVar(&c.InformPace, "inform-pace", 10*time.Second, "how far apart Informs of one phone may be for long, up to 1h; what is urgent, and phones with work, are never put off; 0s: as close as they like")
	f.StringVar(&c.Zone, "zone", "", "zone of the IANA database for windows and sites that name none; without it, the machine's")
	f.DurationVar(&c.WakeGap, "wake-gap", 30*time.Second, "how long a phone that was woken has to come before it is asked again, up to 10m (TR-069 3.2.2 gives it 30s); 0s: no time")
	f.StringVar(&c.STUN, "stun", "", "UDP `address` by which phones behind a NAT are woken, as in :3478 (TR-069 Annex G); not given: they are not")
	f.StringVar(&c.STUNSetup, "stun-setup", "behind-nat", "which phones are set up for that, where --public-url says how they reach this server: behind-nat, all or off")
	f.StringSliceVar(&c.Networks, "phone-networks", nil, "`networks` (CIDR) where phones may be woken besides the address they informed from; loopback only if named here")
	f.StringSliceVar(&c.Proxies, "trusted-proxies", nil, "`networks` (CIDR) of proxies whose X-Forwarded-For is believed")
	f.StringSliceVar(&c.Hosts, "admin-hosts", nil, "`names` under which the admin API is reached, besides addresses and localhost")
	f.StringVar(&c.Quirks, "quirks", "", "YAML `file` with what is odd about phones, beside what is known; read again when it changes")
	f.BoolVar(&c.NoRecordFailed, "no-record-failed", false, "do not keep the sessions that failed, but for phones that are recorded")
	f.DurationVar(&c.RecordKept, "record-kept", 90*24*time.Hour, "how long recorded sessions and unreadable messages are kept, 1h to 43800h")
	f.DurationVar(&c.KeepJobs, "keep-jobs", 90*24*time.Hour, "how long jobs that have ended are kept, with their tasks and evidence, 1h to 175200h; 0s: for ever")
	f.DurationVar(&c.KeepHistory, "keep-history", 90*24*time.Hour, "how long it is kept what changed about a phone, 1h to 175200h; 0s: for ever")
	f.DurationVar(&c.KeepUploads, "keep-uploads", 90*24*time.Hour, "how long uploads of phones are kept, 1h to 175200h; 0s: for ever")
	f.IntVar(&c.KeepBackups, "keep-backups", 7, "how many backups are kept, 1 to 1000")
	f.StringVar(&c.WarnFree, "warn-free", "auto", "free `space` on the disk, or part of it as in 5%, below which there is a warning; auto: twice --min-free, at least 1GiB; 0: none")
	f.StringVar(&c.MinFree, "min-free", "512MiB", "free `space` on the disk below which nothing large is taken on: files, large orders, backups; 0: none")
	f.DurationVar(&c.Drain, "drain", 20*time.Second, "how long open sessions and requests may go on when the server stops, up to 1h; 0s: not at all")
	f.StringVar(&c.Pprof, "pprof", "", "`address` on loopback that serves the runtime's profiles; not given: none")
	f.StringVar(&c.LogLevel, "log-level", "info", "debug, info, warn or error")
	f.StringVar(&c.LogFormat, "log-format", "text", "text or json")
	f.StringVar(&c.LogSessions, "log-sessions", "all", "of which sessions a line is logged at info: all, or busy for those with work or a failure")
	f.IntVar(&c.Demo, "demo", 0, "`number` of simulated phones, 1 to 1000, to look around with: on loopback, with a store of their own in a temporary directory unless --data is given; 0: none")
	f.String(configFlag, "", "YAML `file` with settings")
	f.SortFlags = false
	f.VisitAll(func(fl *pflag.Flag) { fl.Usage += " (" + envName(fl.Name) + ")" })
}

// configFlag names the file, and is a setting only where there is no file yet.
const configFlag = "config"

// fileMay reports whether a flag is a setting that a file can make.
func fileMay(flag string) bool {
	return flag != configFlag && flag != "check" && flag != "help"
}

// envName is the environment variable of a flag: public-url is PHONEACS_PUBLIC_URL.
func envName(flag string) string {
	return "PHONEACS_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fillSettings gives the flags that are not on the command line their value
// from the environment, else from the configuration file. A variable that is
// set but empty is a value. from says which had it from where, for errors that
// are found later.
func fillSettings(flags *pflag.FlagSet, env func(string) (string, bool)) (from map[string]string, err error) {
	path, _ := flags.GetString(configFlag)
	if v, ok := env(envName(configFlag)); ok && !flags.Changed(configFlag) {
		path = v
	}
	file, err := readConfig(path, flags)
	if err != nil {
		return nil, &usageError{err}
	}
	from = make(map[string]string)
	var errs []error
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed || !fileMay(f.Name) {
			return
		}
		if v, ok := env(envName(f.Name)); ok {
			from[f.Name] = envName(f.Name)
			if err := f.Value.Set(v); err != nil {
				errs = append(errs, fmt.Errorf("%s=%q: %w", envName(f.Name), v, err))
			}
			return
		}
		if s, ok := file[f.Name]; ok {
			from[f.Name] = fmt.Sprintf("%s:%d: %s", path, s.line, f.Name)
			if err := s.give(f); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", from[f.Name], err))
			}
		}
	})
	if len(errs) > 0 {
		return nil, &usageError{errors.Join(errs...)}
	}
	return from, nil
}
